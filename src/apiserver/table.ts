import type { ResourceType } from './resource-types.ts';
import { child, text, type Wire } from './wire.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface Table {
  readonly columns: readonly Column[];
  cells(object: Wire, now: Date): readonly (string | number)[];
}

const column = (name: string, description: string, format = ''): Column => ({
  name,
  type: 'string',
  format,
  description,
  priority: 0,
});

const NAME = column(
  'Name',
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a ' +
    'client to request the generation of an appropriate name automatically. Name is primarily intended for creation ' +
    'idempotence and configuration definition. Cannot be updated. More info: ' +
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  'name',
);

const AGE = column(
  'Age',
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to ' +
    'be set in happens-before order across separate operations. Clients may not set this value. It is represented in ' +
    'RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: ' +
    'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
);

/** Columns of kubernetes/pkg/printers/internalversion/printers.go, for the types that our reader or a person asks for. */
const TABLES: Readonly<Record<string, Table>> = {
  namespaces: {
    columns: [NAME, column('Status', 'The status of the namespace'), AGE],
    cells: (object, now) => [object.metadata.name, text(child(object, 'status'), 'phase'), age(object, now)],
  },
  secrets: {
    columns: [
      NAME,
      column(
        'Type',
        'Used to facilitate programmatic handling of secret data. More info: ' +
          'https://kubernetes.io/docs/concepts/configuration/secret/#secret-types',
      ),
      column(
        'Data',
        "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The " +
          'serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly ' +
          'non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4',
      ),
      AGE,
    ],
    cells: (object, now) => [
      object.metadata.name,
      text(object, 'type'),
      Object.keys(child(object, 'data')).length,
      age(object, now),
    ],
  },
};

/** The columns of a built-in type; nothing for types that this server prints only in full. */
export function tableOf(type: ResourceType): Table | undefined {
  return type.group === '' ? TABLES[type.resource] : undefined;
}

function age(object: Wire, now: Date): string {
  const { creationTimestamp } = object.metadata;
  return creationTimestamp ? humanDuration((now.getTime() - Date.parse(creationTimestamp)) / 1000) : '<unknown>';
}

/** k8s.io/apimachinery/pkg/util/duration.HumanDuration. */
export function humanDuration(seconds: number): string {
  if (seconds < -1) return '<invalid>';
  const [s, m, h] = [seconds, seconds / 60, seconds / 3600].map((value) => Math.max(0, Math.floor(value))) as [
    number,
    number,
    number,
  ];
  const with_ = (big: string, small: number, unit: string): string => (small === 0 ? big : `${big}${small}${unit}`);
  if (s < 120) return `${s}s`;
  if (m < 10) return with_(`${m}m`, s % 60, 's');
  if (m < 180) return `${m}m`;
  if (h < 8) return with_(`${h}h`, m % 60, 'm');
  if (h < 48) return `${h}h`;
  const days = Math.floor(h / 24);
  if (h < 192) return with_(`${days}d`, h % 24, 'h');
  if (h < 24 * 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  return h < 24 * 365 * 8 ? with_(`${years}y`, days % 365, 'd') : `${years}y`;
}
