import { fixed } from './redaction/redacted.ts';

/** What everybody who opens a bundle should know. */
export const README_TEXT = fixed`This is a support bundle of kubectl-crewiso (format crewiso.bundle/v1).

plan.json      what was to be collected, and in which order
manifest.json  what became of each item, with the size and SHA-256 of its file
cluster/       objects that are in no namespace
elsewhere/     objects of other namespaces that say something about the platform
namespaces/    lists, and logs/POD/CONTAINER.log, of each namespace of the platform

With --layout troubleshoot most of these are in cluster-resources/, as in support bundles of troubleshoot.sh.

Secrets are here as an inventory, without data. <redacted:RULE:len=N:fp=F> stands for a value that was taken out: the
rule that did it, the length of the value, and a fingerprint. Equal fingerprints mean equal values, within this bundle
only; they are made with a random key that was thrown away.

[crewiso: N bytes omitted] stands in a log for what lay between its oldest and its newest lines.

  kubectl crewiso bundle inspect FILE   what is in it and what is missing
  kubectl crewiso bundle verify FILE    whether a byte of it was changed, and whether a secret is left in it
  kubectl crewiso doctor --from FILE    what is wrong, and what to do
`;
