/** An error that the server told, whatever the dialect, or `unreachable` if it told nothing. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Whether another try may succeed without any change. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function unreachable(): ApiError {
  return new ApiError(0, "unreachable", "");
}

interface Told {
  code?: unknown;
  message?: unknown;
  param?: unknown;
}

/** Return what an error response tells. */
export async function toldBy(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = (isRecord(body) && isRecord(body.error) ? body.error : {}) as Told;
  return new ApiError(
    response.status,
    typeof error.code === "string" ? error.code : `http_${response.status}`,
    typeof error.message === "string" ? error.message : response.statusText,
    typeof error.param === "string" ? error.param : null,
  );
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return error instanceof TypeError ? unreachable() : new ApiError(0, "unknown", String(error));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
