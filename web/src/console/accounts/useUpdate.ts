import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { paths } from "../../api/schema";
import { useTellError } from "../../studio/gallery/useActions";

type Update = NonNullable<paths["/v1/admin/accounts/{name}"]["patch"]["requestBody"]>["content"]["application/json"];

/** Change fields of an account. */
export function useUpdate(name: string) {
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (body: Update) => api.PATCH("/v1/admin/accounts/{name}", { params: { path: { name } }, body }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
}
