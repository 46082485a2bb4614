/** One permission in plain words; no `namespace` means the cluster scope. */
export interface AccessRule {
  readonly verb: string;
  readonly group: string;
  /** `pods`, or `pods/log` for a subresource. */
  readonly resource: string;
  readonly name?: string;
  readonly namespace?: string;
}

export interface AccountRef {
  readonly namespace: string;
  readonly name: string;
}

/** Who asks: the user name and every group, as the API server's authenticator would report them. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What the API server's authorizer is asked about an object; no `name` or `namespace` means the empty string there. */
export interface ResourceQuestion {
  readonly verb: string;
  /** API group, `''` for core. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** What it is asked about a URL that is no object; the verb is the HTTP method in lower case. */
export interface PathQuestion {
  readonly verb: string;
  readonly path: string;
}

export type Question = ResourceQuestion | PathQuestion;
