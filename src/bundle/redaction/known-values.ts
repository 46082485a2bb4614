import type { KubeObject } from '../../model/object.ts';
import { secretKeys, secretValue, isRedacted } from '../../kubernetes/secret-data.ts';
import { secretType } from '../../kubernetes/secret-entry.ts';
import { isHelmRelease } from '../../kubernetes/helm-release.ts';
import { helmSecrets } from './learn-helm.ts';
import { inlineValues, namesIn } from './learn-object.ts';
import { partsOf, type Part } from './learn-parts.ts';
import { COMMON_WORDS } from './known-words.ts';
import { isMarker } from './marker.ts';
import type { Names } from './names.ts';
import { SHORTEST } from './needle-forms.ts';
import { Needles } from './needles.ts';

const CAP = 64 * 1024 * 1024;

/** The values that Secrets of the cluster hold, in memory only, and the search for them in every encoding. */
export class KnownValues {
  private readonly names: Names;
  private readonly values = new Set<string>();
  private readonly objectNames = new Set<string>();
  private compiled: Needles | undefined;
  private exempt = 0;
  private capped = false;

  constructor(names: Names) {
    this.names = names;
  }

  /** Takes in every value of a Secret: the Helm values under names of secrets where it is a release. */
  learnSecret(secret: KubeObject): void {
    this.learnName(secret.metadata.name);
    if (isHelmRelease(secret)) {
      for (const value of helmSecrets(secret, this.names)) this.learn(value);
      return;
    }
    const type = secretType(secret);
    for (const key of secretKeys(secret)) {
      const value = secretValue(secret, key);
      if (value.state !== 'text') continue;
      const text = Buffer.from(value.bytes).toString('latin1');
      for (const part of partsOf({ name: key, text, secretType: type }, this.names)) this.learn(part);
    }
  }

  /** Takes in inline environment values under names of secrets, and the names that must stay readable. */
  learnObject(object: unknown): void {
    for (const name of namesIn(object)) this.learnName(name);
    for (const { name, value } of inlineValues(object, this.names)) {
      const text = Buffer.from(value, 'utf8').toString('latin1');
      for (const part of partsOf({ name, text }, this.names)) this.learn(part);
    }
  }

  private learnName(name: string): void {
    if (name.length < SHORTEST || this.objectNames.has(name)) return;
    this.objectNames.add(name);
    if (this.values.has(name)) this.compiled = undefined;
  }

  private learn(text: Part): void {
    const value = text.trim();
    if (value === '' || this.values.has(value) || isMarker(value) || isRedacted(value)) return;
    this.values.add(value);
    this.compiled = undefined;
  }

  /** True for the name of an object that was learned: under a name such as `tlsSecret` it refers to a Secret. */
  isObjectName(text: string): boolean {
    return this.objectNames.has(text);
  }

  /** What is looked for, built when it is first asked for after something was learned. */
  needles(): Needles {
    if (this.compiled) return this.compiled;
    const needles = new Needles();
    this.exempt = 0;
    this.capped = false;
    for (const value of [...this.values].sort()) {
      if (this.isExempt(value)) this.exempt += 1;
      else if (needles.size > CAP) this.capped = true;
      else needles.add(value);
    }
    this.compiled = needles;
    return needles;
  }

  counts(): { readonly values: number; readonly exempt: number; readonly capped: boolean } {
    this.needles();
    return { values: this.values.size - this.exempt, exempt: this.exempt, capped: this.capped };
  }

  private isExempt(value: string): boolean {
    return value.length < SHORTEST || this.objectNames.has(value) || isPublic(value);
  }
}

/** Numbers, dates, host names, addresses without credentials, paths and common words: they stand everywhere. */
function isPublic(value: string): boolean {
  return COMMON_WORDS.has(value.toLowerCase()) || PUBLIC.some((shape) => shape.test(value));
}

const PUBLIC: readonly RegExp[] = [
  /^[-+]?\d[\d.,:]*$/,
  /^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?)?$/,
  /^(?=.{1,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?:[a-z]{2,24}|svc|local|\d{1,3})(?::\d{1,5})?$/i,
  /^[a-z][a-z\d+.-]*:\/\/[^@?#\s]*$/i,
  /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/,
  /^(?:\/[a-z][a-z\d._-]{0,40}){2,}\/?$/,
  /^-----(?:BEGIN|END)[^\n]*-----$/,
];
