import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { JSON_TYPE, type Answer } from './answer.ts';
import type { Fault } from './options.ts';

/** Answers from this size on are compressed, at the fastest level, as by k8s.io/apiserver (responsewriters/writers.go). */
const GZIP_FROM = 128 * 1024;

export function send(request: IncomingMessage, response: ServerResponse, answer: Answer, fault: Fault): void {
  const compress = answer.body.length >= GZIP_FROM && acceptsGzip(request);
  const body = compress ? gzipSync(answer.body, { level: 1 }) : Buffer.from(answer.body);
  response.writeHead(answer.code, {
    ...(answer.contentType ? { 'content-type': answer.contentType } : {}),
    ...(compress ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...(answer.code === 204 ? {} : { 'content-length': body.length }),
    ...fault.headers,
  });
  finish(response, request.method === 'HEAD' ? Buffer.alloc(0) : body, fault);
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers['accept-encoding'] ?? '';
  return typeof accepted === 'string' && /\bgzip\b/.test(accepted);
}

export function sendFault(response: ServerResponse, fault: Fault): void {
  const text = typeof fault.body === 'string';
  const body = Buffer.from(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {}));
  response.writeHead(fault.status ?? 500, {
    'content-type': text ? 'text/plain; charset=utf-8' : JSON_TYPE,
    'content-length': body.length,
    ...fault.headers,
  });
  finish(response, body, fault);
}

function finish(response: ServerResponse, body: Buffer, { cutAfterBytes, stallAfterBytes }: Fault): void {
  const sent = cutAfterBytes ?? stallAfterBytes;
  if (sent === undefined || sent >= body.length) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, sent), () => {
    if (cutAfterBytes !== undefined) response.destroy();
  });
}
