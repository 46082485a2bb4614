import { DOCKER_CONFIG_JSON } from '../kubernetes/registry-secret.ts';
import type { RegistrySecret } from '../model/derived.ts';
import { shellQuote } from '../model/text.ts';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Makes a copy of a registry secret that carries nothing but type and data. Copies of the whole object bring the source's
 * owners, Helm marks and resource version along, and cannot be repeated.
 */
export function copyStep(source: Named, namespace: string): string {
  const [from, to, name] = [source.namespace, namespace, source.name].map(shellQuote);
  return (
    `kubectl -n ${from ?? ''} get secret ${name ?? ''} -o jsonpath='{.data.\\.dockerconfigjson}' | base64 -d | ` +
    `kubectl -n ${to ?? ''} create secret generic ${name ?? ''} --type=kubernetes.io/dockerconfigjson ` +
    '--from-file=.dockerconfigjson=/dev/stdin'
  );
}

/** Replaces a copy by a new one: the type of a Secret and the data of an immutable one cannot be changed. */
export function replaceSteps(source: Named, namespace: string): readonly string[] {
  return [`kubectl -n ${shellQuote(namespace)} delete secret ${shellQuote(source.name)}`, copyStep(source, namespace)];
}

/** Gives an existing copy the data of its source; everything else of it stays. */
export function refreshSteps(source: Named, namespace: string, copy: RegistrySecret): readonly string[] {
  if (copy.immutable === true || copy.type !== DOCKER_CONFIG_JSON) return replaceSteps(source, namespace);
  const [from, to, name] = [source.namespace, namespace, source.name].map(shellQuote);
  const template = '{"data":{".dockerconfigjson":"{{index .data ".dockerconfigjson"}}"}}';
  return [
    `kubectl -n ${from ?? ''} get secret ${name ?? ''} -o go-template='${template}' | ` +
      `kubectl -n ${to ?? ''} patch secret ${name ?? ''} --type=merge --patch-file=/dev/stdin`,
  ];
}

/** Makes the source anew from credentials that only a person has; they stay out of the shell's history. */
export function createSteps(source: Named, hosts: readonly string[], exists: boolean): readonly string[] {
  const [namespace = '', name = ''] = [source.namespace, source.name].map(shellQuote);
  const [host = '<registry host>', ...others] = hosts;
  return [
    "read -r -p 'registry user: ' REGISTRY_USER; read -rs -p 'registry password: ' REGISTRY_PASSWORD",
    ...(exists ? [`kubectl -n ${namespace} delete secret ${name}`] : []),
    `kubectl -n ${namespace} create secret docker-registry ${name} --docker-server=${shellQuote(host)} ` +
      '--docker-username="$REGISTRY_USER" --docker-password="$REGISTRY_PASSWORD"',
    ...(others.length > 0 ? [`# it must also hold entries for ${others.join(', ')}`] : []),
  ];
}
