import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Lets the tests log in as anybody: a token carries user and groups, signed with a key of the run, and the API server
 * asks this webhook (TokenReview) who that is. Users come into being without restarting the server, and RBAC sees them
 * exactly as it would see people who came through a company's identity provider.
 */
export interface Authenticator {
  readonly url: string;
  readonly close: () => void;
}

interface Claims {
  readonly user: string;
  readonly groups: readonly string[];
}

/** The bearer token of a person; `system:authenticated` is added by the API server. */
export function mintToken(key: string, user: string, groups: readonly string[]): string {
  const claims = Buffer.from(JSON.stringify({ user, groups } satisfies Claims)).toString('base64url');
  return `e2e.${claims}.${sign(key, claims)}`;
}

const sign = (key: string, claims: string): string => createHmac('sha256', key).update(claims).digest('base64url');

function claimsOf(key: string, token: string): Claims | undefined {
  const [kind, claims, signature, ...rest] = token.split('.');
  if (kind !== 'e2e' || claims === undefined || signature === undefined || rest.length > 0) return undefined;
  const expected = Buffer.from(sign(key, claims));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Claims;
}

function review(key: string, body: string): unknown {
  const { spec } = JSON.parse(body) as { spec: { token: string } };
  const claims = claimsOf(key, spec.token);
  const status = claims
    ? { authenticated: true, user: { username: claims.user, uid: claims.user, groups: claims.groups } }
    : { authenticated: false };
  return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status };
}

export async function startAuthenticator(key: string): Promise<Authenticator> {
  const server: Server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    incoming.on('end', () => {
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(JSON.stringify(review(key, body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/token-review`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
