import type { IncomingHttpHeaders } from 'node:http';
import type { ResourceQuestion } from '../kubernetes/rbac-question.ts';
import type { Access } from './access.ts';
import type { TokenUser } from './identity.ts';
import type { ApiServerOptions } from './options.ts';
import type { ResourceType } from './resource-types.ts';
import type { Store } from './store.ts';

/** What handlers share: the objects and everything that decides about them. */
export interface Backend {
  readonly store: Store;
  readonly access: Access;
  readonly options: ApiServerOptions;
  /** `host:port` */
  readonly address: string;
  /** Continue tokens of this revision or older are expired. */
  readonly compacted: number;
}

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Told as soon as the user is known, for the request log. */
  readonly identified: (user: string) => void;
}

/** A request for objects, after authorization. */
export interface Call {
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly question: ResourceQuestion;
  readonly type: ResourceType;
  readonly identity: TokenUser;
  readonly backend: Backend;
}
