import net, { type AddressInfo } from 'node:net';
import http from 'node:http';
import { createGzip } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClusterAccess } from '../../src/cluster/cluster-access.ts';
import type { Problem } from '../../src/cluster/reply.ts';
import {
  createTransport,
  type RequestSpec,
  type Transport,
  type TransportOptions,
} from '../../src/cluster/transport.ts';
import { accessTo, pem, sendJson, startServer, type ServerOptions } from './loopback-server.ts';

const PODS: RequestSpec = { purpose: 'list', path: '/api/v1/pods' };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(listener: http.RequestListener, options: ServerOptions = { certificate: 'server' }) {
  const server = await startServer(listener, options);
  cleanups.push(() => server.close());
  return server;
}

function connect(url: string, more: Partial<ClusterAccess> = {}, options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport(accessTo(url, more), { version: '1.2.3', ...options });
  cleanups.push(() => {
    transport.close();
  });
  return transport;
}

async function problemOf(transport: Transport, spec = PODS): Promise<Problem> {
  const reply = await transport.send(spec);
  if (reply.ok) throw new Error('the request succeeded');
  return reply.problem;
}

const ok: http.RequestListener = (_, response) => {
  sendJson(response, { items: [] });
};

describe('TLS', () => {
  test('the CA of the kubeconfig is trusted', async () => {
    const server = await serve(ok);
    expect(await connect(server.url).send(PODS)).toMatchObject({ ok: true });
  });

  test.each<[string, ServerOptions['certificate'], ClusterAccess['tls'], RegExp, RegExp]>([
    ['without the CA', 'server', { insecure: false }, /not trusted \(UNABLE_TO_VERIFY/, /NODE_EXTRA_CA_CERTS/],
    ['with another CA', 'server', { ca: pem('server.crt'), insecure: false }, /not trusted/, /certificate-authority/],
    ['expired', 'expired', { ca: pem('ca.crt'), insecure: false }, /has expired/, /renew the certificate/],
    ['for another name', 'named', { ca: pem('ca.crt'), insecure: false }, /for another name/, /--tls-server-name/],
    ['a CA that is no certificate', 'server', { ca: '-----BEGIN X-----', insecure: false }, /./, /./],
  ])('a certificate %s is refused', async (_, certificate, tls, message, advice) => {
    const server = await serve(ok, { certificate: certificate! });
    const { kind, error } = await problemOf(connect(server.url, { tls }));
    expect(kind).toBe('connection');
    expect(error).toMatchObject({ exitCode: 4, message: expect.stringMatching(message) as string });
    expect(error?.message).toMatch(/^cannot reach cluster "test-cluster" at 127\.0\.0\.1:\d+: /);
    expect(error?.suggestions.join(' ')).toMatch(advice);
    expect(error?.suggestions).toContain('kubectl cluster-info --context test');
  });

  test('tls-server-name makes the certificate fit', async () => {
    const server = await serve(ok, { certificate: 'named' });
    const tls = { ca: pem('ca.crt'), insecure: false, serverName: 'api.crewiso.test' };
    expect(await connect(server.url, { tls }).send(PODS)).toMatchObject({ ok: true });
  });

  test('insecure-skip-tls-verify accepts anything', async () => {
    const server = await serve(ok, { certificate: 'expired' });
    expect(await connect(server.url, { tls: { insecure: true } }).send(PODS)).toMatchObject({ ok: true });
  });

  test('a client certificate is shown; without one the server hangs up', async () => {
    const server = await serve(ok, { certificate: 'server', askClient: true });
    const clientCertificate = () => ({ cert: pem('client.crt'), key: pem('client.key') });
    const tls = { ca: pem('ca.crt'), insecure: false, clientCertificate };
    expect(await connect(server.url, { tls }).send(PODS)).toMatchObject({ ok: true });
    expect((await problemOf(connect(server.url))).error?.exitCode).toBe(4);
  });

  test('a server without TLS', async () => {
    const server = await serve(ok, {});
    const { error } = await problemOf(connect(server.url.replace('http:', 'https:'), { tls: { insecure: true } }));
    expect(error?.message).toMatch(/it does not speak TLS$/);
  });

  test('25 requests share at most 8 connections, and the next ones too', async () => {
    const server = await serve(ok);
    const transport = connect(server.url, {}, { concurrency: 8 });
    const replies = await Promise.all(Array.from({ length: 25 }, () => transport.send(PODS)));
    await transport.send(PODS);
    expect(replies.every((reply) => reply.ok)).toBe(true);
    expect(server.connections()).toBeLessThanOrEqual(8);
    expect(transport.counts().total).toBe(26);
  });

  test('each group has a header of its own', async () => {
    let groups: string[] = [];
    const server = await serve((request, response) => {
      groups = request.rawHeaders.filter((_, at, all) => all[at - 1] === 'Impersonate-Group');
      sendJson(response, {});
    });
    const impersonation = { user: 'jane', groups: ['a, b', 'c'], extra: {} };
    await connect(server.url, { impersonation }).send(PODS);
    expect(groups).toEqual(['a, b', 'c']);
  });
});

describe('unreachable', () => {
  async function freePort(): Promise<number> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  test('a port that nobody listens on', async () => {
    const port = await freePort();
    const { kind, error } = await problemOf(connect(`https://127.0.0.1:${port}`));
    expect(kind).toBe('connection');
    expect(error).toMatchObject({
      exitCode: 4,
      message: `cannot reach cluster "test-cluster" at 127.0.0.1:${port}: the connection was refused (ECONNREFUSED)`,
      suggestions: ['kubectl cluster-info --context test'],
    });
  });

  test('a name that does not resolve', async () => {
    const { error } = await problemOf(connect('https://nowhere.invalid:6443'));
    expect(error?.message).toMatch(/at nowhere\.invalid:6443: its name does not resolve/);
  });

  test('a server that accepts and never speaks', async () => {
    const silent = net.createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => silent.close());
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const { kind, error } = await problemOf(connect(url, {}, { limits: { connectMs: 100 } }));
    expect([kind, error?.exitCode]).toEqual(['timeout', 4]);
    expect(error?.message).toMatch(/no connection within 100 ms$/);
  });
});

describe('a bad server', () => {
  test('that hangs before its answer', async () => {
    const server = await serve(() => undefined);
    const { kind, message } = await problemOf(connect(server.url, {}, { limits: { stallMs: 100 } }));
    expect([kind, message]).toEqual(['timeout', 'nothing arrived for 100 ms']);
  });

  test('that stalls within its answer', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"items": [');
    });
    const { kind } = await problemOf(connect(server.url, {}, { limits: { stallMs: 100 } }));
    expect(kind).toBe('timeout');
  });

  test('that drips is cut off by the request timeout, not by the stall deadline', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => {
        clearInterval(drip);
      });
    });
    const limits = { stallMs: 1000, requestMs: 200 };
    const { kind, message } = await problemOf(connect(server.url, {}, { limits }));
    expect([kind, message]).toEqual(['timeout', 'no complete answer within 200 ms']);
  });

  test('that cuts its answer is asked once more', async () => {
    let asked = 0;
    const server = await serve((_, response) => {
      asked += 1;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"items": [', () => response.destroy());
    });
    expect((await problemOf(connect(server.url))).kind).toBe('cut');
    expect(asked).toBe(2);
  });

  test('that sends a bomb', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.end(Buffer.alloc(8 * 1024 * 1024));
    });
    const { kind } = await problemOf(connect(server.url, {}, { limits: { maxBytes: 1024 * 1024 } }));
    expect(kind).toBe('too-large');
  });

  test('that sends broken gzip', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('no gzip');
    });
    expect((await problemOf(connect(server.url))).kind).toBe('cut');
  });
});

describe('http', () => {
  test('a server without TLS gets no credential', async () => {
    let headers: http.IncomingHttpHeaders = {};
    const server = await serve((request, response) => {
      headers = request.headers;
      sendJson(response, {});
    }, {});
    expect(await connect(server.url).send(PODS)).toMatchObject({ ok: true });
    expect(headers.authorization).toBeUndefined();
  });
});

describe('proxy', () => {
  interface Proxy {
    readonly url: string;
    readonly targets: string[];
    readonly credentials: (string | undefined)[];
  }

  async function startProxy(answer?: number): Promise<Proxy> {
    const targets: string[] = [];
    const credentials: (string | undefined)[] = [];
    const proxy = http.createServer();
    const sockets = new Set<net.Socket>();
    proxy.on('connect', (request, socket: net.Socket) => {
      targets.push(request.url ?? '');
      credentials.push(request.headers['proxy-authorization']);
      sockets.add(socket);
      if (answer) {
        socket.end(`HTTP/1.1 ${answer} No\r\n\r\n`);
        return;
      }
      const [host, port] = (request.url ?? '').split(':');
      const upstream = net.connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const each of [upstream, socket]) each.on('error', () => undefined);
      sockets.add(upstream);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    });
    return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, targets, credentials };
  }

  test('requests go through one tunnel each connection, with the proxy credentials of its URL', async () => {
    const server = await serve(ok);
    const proxy = await startProxy();
    const url = proxy.url.replace('//', '//me:canary@');
    const transport = connect(server.url, { proxy: { url, from: 'proxy-url' } }, { concurrency: 2 });
    const replies = await Promise.all(Array.from({ length: 6 }, () => transport.send(PODS)));
    expect(replies.every((reply) => reply.ok)).toBe(true);
    expect(new Set(proxy.targets)).toEqual(new Set([`127.0.0.1:${server.port}`]));
    expect(proxy.targets.length).toBeLessThanOrEqual(2);
    expect(proxy.credentials[0]).toBe(`Basic ${Buffer.from('me:canary').toString('base64')}`);
  });

  test.each([
    [407, /the proxy 127\.0\.0\.1:\d+ \(from HTTPS_PROXY\) wants credentials \(407\)$/],
    [403, /the proxy 127\.0\.0\.1:\d+ \(from HTTPS_PROXY\) refused to connect \(403\)$/],
  ])('one that answers %i is named, not the server', async (code, message) => {
    const proxy = await startProxy(code);
    const url = proxy.url.replace('//', '//me:canary@');
    const access = { proxy: { url, from: 'HTTPS_PROXY' } };
    const { error } = await problemOf(connect('https://api.example.test', access));
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toContain('canary');
  });

  test('one that is down is named', async () => {
    const access = { proxy: { url: 'http://127.0.0.1:1', from: 'HTTPS_PROXY' } };
    const { error } = await problemOf(connect('https://api.example.test', access));
    expect(error?.message).toMatch(/the proxy 127\.0\.0\.1:1 \(from HTTPS_PROXY\) did not connect: .*ECONNREFUSED/);
  });

  test('TLS trouble behind it is the server’s', async () => {
    const server = await serve(ok, { certificate: 'expired' });
    const proxy = await startProxy();
    const { error } = await problemOf(connect(server.url, { proxy: { url: proxy.url, from: 'proxy-url' } }));
    expect(error?.message).toMatch(/its certificate has expired/);
  });
});
