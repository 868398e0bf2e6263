"""The groups of the API page, in their order: dialect by dialect, resource by resource."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, str] = {
    "OpenAI: videos": "Create, follow and download videos; edit, extend and remix them.",
    "OpenAI: images": "Create, edit and vary images.",
    "OpenAI: chat": "Render by a conversation, for chat programs.",
    "OpenAI: files": "Upload what requests refer to.",
    "OpenAI: batches": "Many requests in one file, made with low priority.",
    "OpenAI: models": "What can be asked for, with its limits and prices.",
    "OpenAI: webhooks": "Endpoints that are told of events, signed by Standard Webhooks.",
    "OpenAI: other servers' routes": "The paths and shapes of new-api and of Azure's video jobs.",
    "Tasks": "Create a task, poll it or be called back; credits and usage.",
    "Sora: log-in": "Accounts with passwords, sessions, access and refresh tokens.",
    "Sora: account": "The caller's profile, plan, limits and invite code.",
    "Sora: create": "Create videos and images, and upload what they start from.",
    "Sora: drafts": "What is being rendered, and what has ended.",
    "Sora: characters": "Somebody or something that prompts name with `@`, made from a clip.",
    "Sora: posts": "Publish videos, list and search those of others.",
    "Sora: share pages": "Public pages of posts; no credentials.",
    "Signed URLs": "Files by links that hold for a while; no credentials.",
    "App: log-in": "The web app's session: a cookie that is good for these calls only.",
    "App: account": "The caller's own profile, password, sessions, keys, ledger and deliveries.",
    "App: jobs": "All jobs of the account: search, names, favourites, deletion, ZIP files, events.",
    "Admin: accounts": "Accounts, their credits and callback headers. Needs the scope `admin`.",
    "Admin: keys": "API keys with scopes and limits. Needs the scope `admin`.",
    "Admin: jobs": "Jobs of all accounts. Needs the scope `admin`.",
    "Admin: engines": "Engines and their upstream accounts. Needs the scope `admin`.",
    "Admin: reports": "Usage, ledger, deliveries and audit log. Needs the scope `admin`.",
    "Admin: server": "Workers, settings, health and clock. Needs the scope `admin`.",
    "Operations": "Liveness, readiness and metrics for monitors; no credentials.",
}
"""Names of groups with their descriptions."""
