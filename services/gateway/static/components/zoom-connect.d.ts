// SPDX-License-Identifier: Apache-2.0

/** A user's connection to Zoom. */
export interface Link {
  projectId: string;
  userId: string;
  linkId: string | null;
  state: 'none' | 'active' | 'reconnect_required' | 'disconnecting';
  cause: 'lost_response' | 'revoked' | 'account_inactive' | 'reauthorized_elsewhere' | 'expired' | 'taken_over'
    | 'disconnected' | 'disconnected_by_admin' | null;
  /** Counts the lives of the link. */
  generation: number;
  connectTime: string | null;
  updateTime: string | null;
  /** Who the user is at Zoom, while connected. */
  zoomAccount: { displayName: string; email: string } | null;
  /** Scopes that the project wants and the user's connection lacks. */
  missingScopes: string[];
  lastAttempt: {
    attemptId: string;
    state: 'pending' | 'succeeded' | 'failed';
    result: string | null;
    createTime: string;
    endTime: string | null;
  } | null;
}

/** Zoom's refusal. */
export interface ZoomFailure {
  /** HTTP status of Zoom's answer. */
  status: number | null;
  /** Zoom's error code, 3001 say. */
  code: number | null;
  /** Zoom's words; empty when it said nothing. */
  message: string;
  /** Zoom's whole answer where it was passed on. */
  body: unknown;
}

/**
 * Why a call failed. `reason` is one of
 *  - the gateway's: NOT_CONNECTED, RECONNECT_REQUIRED, SCOPE_MISSING (`scopes` would do), ZOOM_RATE_LIMITED, ZOOM_UNAVAILABLE,
 *    OUTCOME_UNKNOWN (Zoom may have done it: look before sending it again under a new request id), REQUEST_COMPLETED (Zoom
 *    answered it, and the answer was lost on the way), REQUEST_ID_REUSED, and those of the OpenAPI document;
 *  - ZOOM_ERROR: Zoom refused; `zoom` has its answer;
 *  - of a connection that was not made: CANCELLED, OTHER_ACCOUNT_CONNECTED, DIFFERENT_ACCOUNT, EXPIRED, WRONG_BROWSER,
 *    SYSTEM_ERROR, SUPERSEDED, POPUP_BLOCKED, POPUP_CLOSED;
 *  - of the way there: NETWORK_ERROR, TIMEOUT, ABORTED, MALFORMED_ANSWER.
 */
export class ZoomConnectError extends Error {
  constructor(reason: string, fields?: Partial<Omit<ZoomConnectError, 'reason'>> & { cause?: unknown });
  reason: string;
  /** HTTP status; 0 without an answer. */
  status: number;
  /** For people, in English. */
  detail: string;
  /** Fields that were wrong. */
  errors: { field: string; reason?: string; detail?: string }[];
  /** The request id of a call that changes something, else the one under which support finds the request. */
  requestId: string;
  retryAfterSeconds: number | null;
  /** With SCOPE_MISSING: any of these would do. */
  scopes: string[];
  zoom: ZoomFailure | null;
}

export interface ZoomConnectOptions {
  /** Origin of the gateway. Empty or absent, in a browser: the page's own origin. */
  baseUrl?: string;
  projectId: string;
  /** The user's session token, or how to get one, asked before each request. Absent: the browser's session cookie. */
  token?: string | (() => string | Promise<string>);
  /** Default: the platform's. */
  fetch?: typeof fetch;
}

export interface ConnectOptions {
  /** Default true: Zoom opens in a window of its own. Call `connect` inside the click. */
  popup?: boolean;
  /** The page itself goes to Zoom and comes back to the project's settings URL with ?zoom_result=…; see takeResult. */
  redirect?: boolean;
  /** Shows the address to the user in another way; the only one outside a browser. */
  open?: (url: string) => void | Promise<void>;
  /** For a link that is active already: connect the same Zoom account anew, to gain scopes say. */
  reconnect?: boolean;
  signal?: AbortSignal;
}

/** An attempt at connecting. */
export interface Attempt {
  attemptId: string;
  connectUrl: string;
  expireTime: string;
}

export interface RequestOptions {
  /** GET (default), HEAD, POST, PUT, PATCH or DELETE. */
  method?: string;
  /** A list stands for a repeated name; undefined and null are left out. */
  query?: URLSearchParams | Record<string, string | number | boolean | null | undefined | (string | number | boolean)[]>;
  /** Text, bytes, a form and a Blob are sent as they are, anything else as JSON. */
  body?: unknown;
  /** Media type of a body that does not say its own. */
  contentType?: string;
  headers?: Record<string, string>;
  /** UUID under which Zoom sees the request at most once in 24 hours. Default: a new one for each call. */
  requestId?: string;
  signal?: AbortSignal;
  /** Default 70,000. */
  timeoutMs?: number;
  /** Answer with Zoom's Response as it is, whatever its status, its body unread. */
  raw?: boolean;
}

/** Zoom's answer. */
export interface ZoomAnswer<T = any> {
  status: number;
  /** content-type, x-zm-trackingid, x-ratelimit-*, retry-after, etag, content-disposition where Zoom sent them. */
  headers: Headers;
  /** JSON parsed, another content as a Blob, nothing as null. */
  data: T;
  /** Empty for GET and HEAD. */
  requestId: string;
}

export interface CallOptions {
  /** Country of a number without a country code, "JP" say. */
  region?: string;
  companyId?: string;
  personId?: string;
  requestId?: string;
  /** false: do not open the call; a function: how. Default: the browser opens zoomphonecall://, outside one nothing is opened. */
  open?: false | ((uri: string) => void | Promise<void>);
  signal?: AbortSignal;
}

/** A call that was recorded. */
export interface CallResult {
  /** What will be dialled, E.164. */
  dialled: string;
  /** What was opened, or is to be. */
  uri: string;
  callUri: string;
  telUri: string;
  notice: { reason: string; detail: string } | null;
  call: { callId: string; number: string; inputNumber: string; region: string; etag: string; [field: string]: unknown };
  /** Whether an app came forward. A browser does not tell more. */
  outcome: 'opened' | 'undetected' | 'cancelled' | 'not_opened';
}

/** What is known of a link that was ended. */
export interface Receipt {
  linkId: string;
  generation: number;
  startTime: string;
  endTime: string;
  revokedAtZoom: 'yes' | 'unconfirmed';
  [field: string]: unknown;
}

/** Every method rejects with ZoomConnectError, and with TypeError for a call that was written wrongly. */
export class ZoomConnect {
  constructor(options: ZoomConnectOptions);
  /** The user's connection. */
  status(options?: { signal?: AbortSignal }): Promise<Link>;
  /** Connects the user; resolves once he is. */
  connect(options: ConnectOptions & { redirect: true }): Promise<Attempt>;
  connect(options?: ConnectOptions): Promise<Link>;
  /** Sends a request to Zoom's API; `path` is below its base, encoded ("users/me/meetings"), or a list of segments. */
  request<T = any>(path: string | (string | number)[], options: RequestOptions & { raw: true }): Promise<Response>;
  request<T = any>(path: string | (string | number)[], options?: RequestOptions): Promise<ZoomAnswer<T>>;
  /** Records a call and opens it in Zoom Phone. */
  call(number: string, options?: CallOptions): Promise<CallResult>;
  /** Ends the connection. `link.state` is "disconnecting" while the revocation goes on. */
  disconnect(options?: { requestId?: string }): Promise<{ link: Link; receipt: Receipt | null }>;
  /** Tells the connection now and after each change, by asking every 15 s. @returns ends it */
  watch(listener: (link: Link) => void, options?: { intervalMs?: number; onError?: (error: unknown) => void }): () => void;
}

/** A new UUID for one effect. */
export function newRequestId(): string;

/**
 * On the settings page: takes the result of a redirect off its address.
 * `cleaned` is the address without it, null when there was none.
 */
export function takeResult(href: string): { code: string | null; cleaned: string | null };
