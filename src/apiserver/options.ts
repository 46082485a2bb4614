import type { IncomingHttpHeaders } from 'node:http';
import type { KubeObject } from '../model/object.ts';
import type { Access } from './access.ts';
import type { TokenUser } from './identity.ts';

export interface ApiServerOptions {
  /** Raw objects of any built-in kind, of CustomResourceDefinitions and of kinds that those define. */
  readonly objects?: Iterable<KubeObject>;
  /** Without it every write answers 405; reviews are always answered. */
  readonly writable?: boolean;
  /** Bearer token → user. `system:masters` may do everything. */
  readonly tokens?: Readonly<Record<string, TokenUser>>;
  /** Who a request without credentials is; `system:anonymous` unless said otherwise. */
  readonly anonymous?: TokenUser;
  /** Groups (`autoscaling`) or group versions (`autoscaling/v2`) that are not served. */
  readonly notServed?: readonly string[];
  /** In place of RBAC over the served objects. */
  readonly access?: Access;
  /**
   * Container logs by `namespace/pod/container`, of the terminated predecessor by `…/container/previous`. A line may
   * begin with its time (RFC 3339 and a blank), which is shown only to those who ask for timestamps.
   */
  readonly logs?: Readonly<Record<string, string>>;
  /** Called for every request; what it returns happens in place of, or to, the answer. */
  readonly faults?: (request: FaultRequest) => Fault | undefined;
  /** The clock of timestamps and ages. */
  readonly now?: () => Date;
  /** What `/version` says; `v1.36.2` unless said otherwise. */
  readonly version?: string;
  /** Serve https with this PEM key and certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface FaultRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** How many requests came before this one. */
  readonly count: number;
}

/** Without `status` the real answer is given, late or cut as the rest says. */
export interface Fault {
  readonly status?: number;
  /** An object is sent as JSON, text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  /** The connection breaks after so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** Nothing more comes after so many bytes of the body, while the connection stays. */
  readonly stallAfterBytes?: number;
  /** No answer at all, until the client gives up or the server closes. */
  readonly hang?: boolean;
}

/** One line of the request log, in the order in which requests came. */
export interface RequestRecord {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly userAgent: string;
  readonly accept: string;
  /** The authenticated or impersonated user; `''` before that is known. */
  readonly userName: string;
  /** 0 while there is no answer. */
  readonly status: number;
}
