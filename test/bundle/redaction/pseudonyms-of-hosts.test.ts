import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherAddress } from '../../../src/bundle/redaction/addresses.ts';
import type { PseudonymKind } from '../../../src/bundle/redaction/learned-names.ts';
import { Pseudonyms } from '../../../src/bundle/redaction/pseudonyms.ts';

const KEY = Buffer.alloc(32, 3);

function learned(kind: PseudonymKind, ...texts: readonly string[]): Pseudonyms {
  const pseudonyms = new Pseudonyms({ key: KEY, kinds: [kind] });
  for (const text of texts) pseudonyms.learnText(text, true);
  pseudonyms.settle();
  return pseudonyms;
}

/** With `{name}` for the pseudonym of a name. */
function renamed(kind: PseudonymKind, text: string): string {
  const pseudonyms = learned(kind, text);
  let shown = pseudonyms.replace(text, true);
  const given = [...pseudonyms.all()].sort(([, a], [, b]) => b.length - a.length);
  for (const [name, other] of given) shown = shown.replaceAll(other, `{${name}}`);
  return shown;
}

describe('hosts', () => {
  it.each([
    ['https://api.acme.com:6443/x', 'https://{api.acme.com}:6443/x'],
    ['image: registry.acme.io/crews/web:1.2', 'image: {registry.acme.io}/crews/web:1.2'],
    ['"host":"crews.acme.ai"', '"host":"{crews.acme.ai}"'],
    ['"host":"*.acme.ai"', '"host":"*.{acme.ai}"'],
    ['lookup harbor.lab on 10.1.2.3:53', 'lookup {harbor.lab} on {10.1.2.3}:53'],
    ['https://get.acme.sh/install.sh runs deploy.sh', 'https://{get.acme.sh}/install.sh runs deploy.sh'],
    ['dial tcp 10.1.2.3:443 refused', 'dial tcp {10.1.2.3}:443 refused'],
    ['jane@mail.acme.com wrote', 'jane@{mail.acme.com} wrote'],
    ['"\\nacme.com\\n"', '"\\n{acme.com}\\n"'],
    ['ACME.COM and acme.com', '{acme.com} and {acme.com}'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/x', '{123456789012.dkr.ecr.eu-west-1.amazonaws.com}/x'],
    ['"nodeName":"worker-7" on worker-7', '"nodeName":"{worker-7}" on {worker-7}'],
    ['ip-10-1-2-3 has 10.1.2.3', 'ip-{10-1-2-3} has {10.1.2.3}'],
    ['"podIP":"2001:db8:1::5"', '"podIP":"{2001:db8:1::5}"'],
    ['"cidr":"10.96.0.0/12"', '"cidr":"{10.96.0.0/12}"'],
  ])('%s', (text, expected) => {
    expect(renamed('hosts', text)).toBe(expected);
  });

  it.each([
    'http://redis.crewai.svc:6379',
    'http://redis.crewai.svc.cluster.local',
    '{"namespace":"crewai","url":"http://redis.crewai:6379"}',
    'https://localhost:8080 https://127.0.0.1:6443 0.0.0.0 169.254.169.254',
    'images.crewai.com/proxy/x docker.io/library/redis ghcr.io/a/b',
    'rbac.authorization.k8s.io/v1 app.kubernetes.io/name helm.toolkit.fluxcd.io/v2',
    'namespaces/crewai/pods.json web.log values.yaml os.path.join 1.14.2 v1.2.3',
    '"cidr":"0.0.0.0/0" "except":["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16"]',
    'at 10:20:30 std::string aa:bb:cc:dd:ee:ff',
  ])('are not in %s', (text) => {
    expect(learned('hosts', text).replace(text, true)).toBe(text);
  });

  it('of one domain still are, below a top domain that nobody has', () => {
    const pseudonyms = learned('hosts', 'https://api.acme.com https://acme.com');
    const [api = '', domain = ''] = pseudonyms.replace('api.acme.com acme.com', true).split(' ');
    expect(domain).toMatch(/^h[0-9a-f]{8}\.invalid$/);
    expect(api).toMatch(/^h[0-9a-f]{8}\.h[0-9a-f]{8}\.invalid$/);
    expect(api.endsWith(`.${domain}`)).toBe(true);
  });

  it('of a provider still tell which service they are of', () => {
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    expect(learned('hosts', `https://${host}`).replace(host, true)).toMatch(
      /^h[0-9a-f]{8}\.dkr\.ecr\.eu-west-1\.amazonaws\.com$/,
    );
  });
});

describe('addresses', () => {
  const mac = (text: string): Buffer => createHmac('sha256', KEY).update(text).digest();
  const octet = fc.integer({ min: 0, max: 255 });
  const address = fc.oneof(
    fc.tuple(octet, octet, octet, octet),
    fc.tuple(fc.constantFrom(10, 172, 192, 100), fc.constantFrom(0, 16, 20, 31, 64, 168), octet, octet),
  );
  const value = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const common = (a: string, b: string): number => Math.clz32((value(a) ^ value(b)) >>> 0);
  const privately = (text: string): string =>
    [/^10\./, /^172\.(?:1[6-9]|2\d|3[01])\./, /^192\.168\./, /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./]
      .findIndex((block) => block.test(text))
      .toString();

  it('begin alike for as long as they did, each has its own, and private ones stay private', () => {
    fc.assert(
      fc.property(address, address, (first, second) => {
        const [a, b] = [first.join('.'), second.join('.')];
        const [otherA, otherB] = [otherAddress(a, mac), otherAddress(b, mac)];
        expect(common(otherA, otherB)).toBe(common(a, b));
        expect(privately(otherA)).toBe(privately(a));
      }),
      { numRuns: 2000 },
    );
  });

  it('are in a network just when they were', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 8, max: 32 }), (octets, length) => {
        const bits = (value(octets.join('.')) >>> (32 - length)) * 2 ** (32 - length);
        const network = [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
        const [other = '', same] = otherAddress(`${network}/${String(length)}`, mac).split('/');
        expect(same).toBe(String(length));
        const inside = otherAddress(octets.join('.'), mac);
        expect(value(inside) >>> (32 - length)).toBe(value(other) >>> (32 - length));
        expect(length === 32 ? 0 : (value(other) << length) >>> 0).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('are none that were there', () => {
    const text = Array.from({ length: 500 }, (_, n) => `10.0.${String(n >> 8)}.${String(n & 255)}`).join(' ');
    const pseudonyms = learned('hosts', text);
    const before = new Set(text.split(' '));
    const after = pseudonyms.replace(text, true).split(' ');
    expect(after.filter((one) => before.has(one))).toEqual([]);
    expect(new Set(after).size).toBe(500);
  });

  it('of which all are used have no other ones, and then nothing is said', () => {
    const text = Array.from({ length: 256 }, (_, n) => `192.168.${String(n)}.0/24`).join(' ');
    expect(() => learned('hosts', text)).toThrow(RangeError);
  });
});

describe('users', () => {
  it.each([
    ['{"subjects":[{"kind":"User","name":"jane"}]} jane', '{"subjects":[{"kind":"User","name":"{jane}"}]} {jane}'],
    ['{"apiGroup":"x","kind":"Group","name":"oidc:ops"}', '{"apiGroup":"x","kind":"Group","name":"{oidc:ops}"}'],
    ['{"name":"jane","kind":"User"}', '{"name":"{jane}","kind":"User"}'],
    ['- kind: User\n  name: jane', '- kind: User\n  name: {jane}'],
    ['User \\"jane\\" cannot list', 'User \\"{jane}\\" cannot list'],
    ['by jane@acme.com, janet', 'by {jane@acme.com}, janet'],
    ['?to=jane%40acme.com', '?to={jane%40acme.com}'],
    [
      '{"collector":{"user":"jane","groups":["ops","system:authenticated"]}}',
      '{"collector":{"user":"{jane}","groups":["{ops}","system:authenticated"]}}',
    ],
    [
      '{"kind":"User","name":"admin"} {"kind":"ClusterRole","name":"admin"}',
      '{"kind":"User","name":"{admin}"} {"kind":"ClusterRole","name":"admin"}',
    ],
    ['{"kind":"User","name":"1000"} 1000', '{"kind":"User","name":"{1000}"} 1000'],
    ['{"kind":"User","name":"jane"} jane-smith janes', '{"kind":"User","name":"{jane}"} {jane}-smith janes'],
  ])('%s', (text, expected) => {
    expect(renamed('users', text)).toBe(expected);
  });

  it.each([
    '{"kind":"User","name":"system:kube-scheduler"}',
    '{"kind":"Group","name":"system:masters"}',
    '{"kind":"ServiceAccount","name":"crewai-sa","namespace":"crewai"}',
    'User "system:serviceaccount:crewai:crewai-sa" cannot list',
    '{"kind":"User","name":"gotk:apps:reconciler"}',
    '{"serviceAccountName":"crewai-sa"} {"kind":"User","name":"crewai:crewai-sa"}',
    'git@github.com:a/b image@sha256:00',
  ])('are not in %s', (text) => {
    expect(learned('users', text).replace(text, true)).toBe(text);
  });

  it('whose name is an address still have one', () => {
    expect(learned('users', 'jane@acme.com').replace('jane@acme.com', true)).toMatch(
      /^user-[0-9a-f]{8}@mail\.invalid$/,
    );
  });
});

describe('certificates', () => {
  // As openssl writes one for CN=api.acme.com: what they name cannot be read in base64, nor changed.
  const der = Buffer.concat([
    Buffer.from([0x30, 0x82, 0x01, 0x0a, 0x30, 0x81]),
    Buffer.from('api.acme.com'.repeat(20)),
  ]);
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;

  it.each([
    ['in PEM', pem],
    ['in PEM in JSON', JSON.stringify({ 'ca.crt': pem })],
    ['in base64 of PEM', JSON.stringify({ caBundle: Buffer.from(pem).toString('base64') })],
    ['in base64', JSON.stringify({ caBundle: der.toString('base64') })],
  ])('%s go, and their field stays', (_where, text) => {
    const pseudonyms = learned('hosts', text);
    const left = pseudonyms.replace(text, true);
    const decoded = left.replace(/[A-Za-z0-9+/]{40,}={0,2}/g, (run) => Buffer.from(run, 'base64').toString('latin1'));
    for (const line of lines) expect(`${left}${decoded}`).not.toContain(line);
    expect(pseudonyms.replace(left, true)).toBe(left);
    if (text.startsWith('{'))
      expect(Object.keys(JSON.parse(left) as object)).toEqual(Object.keys(JSON.parse(text) as object));
  });
});
