import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import { LoginPage } from "../session/LoginPage";
import { APP } from "./base";
import { NotFound, Trouble } from "./NotFound";
import { Root } from "./Root";
import { Area, Waiting } from "./Area";

/** A page that is loaded when it is first opened: a module that exports it as `Page`. */
const page = (load: () => Promise<{ Page: React.ComponentType }>) => async () => ({
  Component: (await load()).Page,
});

const studio: RouteObject[] = [
  { index: true, lazy: page(() => import("../studio/StudioPage")) },
  { path: "videos/:id", lazy: page(() => import("../studio/video/VideoPage")) },
  { path: "compare", lazy: page(() => import("../studio/compare/ComparePage")) },
  { path: "storyboard", lazy: page(() => import("../studio/storyboard/StoryboardPage")) },
  { path: "characters", lazy: page(() => import("../studio/characters/CharactersPage")) },
  { path: "posts", lazy: page(() => import("../studio/posts/PostsPage")) },
  { path: "account", lazy: page(() => import("../studio/account/AccountPage")) },
  { path: "account/:tab", lazy: page(() => import("../studio/account/AccountPage")) },
];

const operators: RouteObject[] = [
  { index: true, lazy: page(() => import("../console/overview/OverviewPage")) },
  { path: "jobs", lazy: page(() => import("../console/jobs/JobsPage")) },
  { path: "jobs/:id", lazy: page(() => import("../console/jobs/JobPage")) },
  { path: "accounts", lazy: page(() => import("../console/accounts/AccountsPage")) },
  { path: "accounts/:name", lazy: page(() => import("../console/accounts/AccountPage")) },
  { path: "usage", lazy: page(() => import("../console/UsagePage")) },
  { path: "keys", lazy: page(() => import("../console/keys/KeysPage")) },
  { path: "engines", lazy: page(() => import("../console/engines/EnginesPage")) },
  { path: "deliveries", lazy: page(() => import("../console/DeliveriesPage")) },
  { path: "system", lazy: page(() => import("../console/SystemPage")) },
  { path: "audit", lazy: page(() => import("../console/AuditPage")) },
  { path: "models", lazy: page(() => import("../console/ModelsPage")) },
];

export const router = createBrowserRouter(
  [
    {
      element: <Root />,
      hydrateFallbackElement: <Waiting />,
      errorElement: <Trouble />,
      children: [
        { index: true, element: <Navigate to="/studio" replace /> },
        { path: "login", element: <LoginPage /> },
        { path: "studio", element: <Area name="studio" />, children: studio },
        { path: "console", element: <Area name="console" />, children: operators },
        { path: "*", element: <NotFound /> },
      ],
    },
  ],
  { basename: APP },
);
