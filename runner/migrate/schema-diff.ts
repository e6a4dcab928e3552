import { show } from "../../model/diagnostic.js";
import type { ColumnSnapshot, RuleSnapshot, SchemaSnapshot, TableSnapshot } from "./schema-snapshot.js";

/** One difference between two schemas. */
export interface SchemaChange {
  /** What it is about, such as `table public.orders` or `column public.orders.note`. */
  readonly object: string;
  readonly kind: "added" | "removed" | "changed";
  /** Whether a release that knows nothing of it works on. */
  readonly expand: boolean;
  /** What changed, and for what is no expand also why. */
  readonly sentence: string;
}

/**
 * Every difference between two schemas, in order of their objects. Only what adds is an expand: the release that runs meanwhile goes on reading and
 * writing as before. What takes away or changes is none, nor is what an older release's rows would be refused for.
 */
export function schemaDiff(before: SchemaSnapshot, after: SchemaSnapshot): readonly SchemaChange[] {
  const tables = compare(before.tables, after.tables, {
    added: (name) => [added(`table ${name}`, `Table "${name}" was added.`)],
    removed: (name) => [refused(`table ${name}`, "removed", `Table "${name}" was removed; the release before may still use it.`)],
    both: (name, old, now) => tableDiff(name, old, now),
  });
  const others = compare(before.others, after.others, {
    added: (name) => [added(name, `${quoted(name)} was added.`)],
    removed: (name) => [refused(name, "removed", `${quoted(name)} was removed; the release before may still use it.`)],
    both: (name, old, now) => (old === now ? [] : otherDiff(name, old, now)),
  });
  return [...tables, ...others];
}

/** Whether a difference only adds; no difference at all does too. */
export function isExpand(changes: readonly SchemaChange[]): boolean {
  return changes.every(({ expand }) => expand);
}

function tableDiff(table: string, before: TableSnapshot, after: TableSnapshot): SchemaChange[] {
  const isNew = (column: string) => before.columns[column] === undefined;
  return [
    ...compare(before.columns, after.columns, {
      added: (name, column) => [newColumn(table, name, column)],
      removed: (name) => [refused(`column ${table}.${name}`, "removed", `Column "${table}.${name}" was removed; the release before may still use it.`)],
      both: (name, old, now) => columnDiff(`${table}.${name}`, old, now),
    }),
    ...(["constraints", "indexes"] as const).flatMap((part) => {
      const word = part === "constraints" ? "constraint" : "index";
      return compare(before[part], after[part], {
        added: (name, rule) => [newRule(`${word} ${table}.${name}`, rule, after, isNew)],
        removed: (name, { definition }) => [refused(`${word} ${table}.${name}`, "removed", `${quoted(`${word} ${table}.${name}`)} (${definition}) was removed; the release before may rely on it.`)],
        both: (name, old, now) => (old.definition === now.definition ? [] : [refused(`${word} ${table}.${name}`, "changed", `${quoted(`${word} ${table}.${name}`)} was ${old.definition} and is ${now.definition}; the release before may rely on how it was.`)]),
      });
    }),
  ];
}

function newColumn(table: string, name: string, column: ColumnSnapshot): SchemaChange {
  const subject = `column ${table}.${name}`;
  const what = `Column "${table}.${name}" (${describe(column)}) was added`;
  if (column.nullable || column.default !== null) return added(subject, `${what}.`);
  return refused(subject, "added", `${what} as not null without a default; the release before, which does not know it, can insert no row any more. Add it as nullable or with a default.`);
}

function columnDiff(name: string, before: ColumnSnapshot, after: ColumnSnapshot): SchemaChange[] {
  const changed = (what: string) => refused(`column ${name}`, "changed", `Column "${name}" ${what}`);
  return [
    ...(before.type === after.type ? [] : [changed(`was ${before.type} and is ${after.type}; the release before expects it as it was. Add a new column instead.`)]),
    ...(before.nullable === after.nullable ? [] : [changed(after.nullable ? "may be null now; the release before may not expect that." : "may not be null any more; what the release before writes could be refused.")]),
    ...(before.default === after.default ? [] : [changed(`had ${before.default === null ? "no default" : `the default ${show(before.default)}`} and has ${after.default === null ? "none" : show(after.default)}; rows that the release before inserts would become others.`)]),
  ];
}

/** A rule over new columns only lets the release before go on, as long as what it leaves out is no conflict. */
function newRule(subject: string, rule: RuleSnapshot, table: TableSnapshot, isNew: (column: string) => boolean): SchemaChange {
  const what = `${quoted(subject)} (${rule.definition}) was added`;
  if (!rule.restricts) return added(subject, `${what}.`);
  const columns = rule.columns.map((name) => ({ name, column: table.columns[name] }));
  if (columns.length > 0 && columns.every(({ name }) => isNew(name)) && leftOutIsFine(rule, columns.flatMap(({ column }) => column ?? []))) return added(subject, `${what}, on new columns only.`);
  return refused(subject, "added", `${what}; rows that the release before writes could be refused.`);
}

function leftOutIsFine({ definition }: RuleSnapshot, columns: readonly ColumnSnapshot[]): boolean {
  const empty = ({ nullable, default: value }: ColumnSnapshot) => nullable && value === null;
  const unlike = ({ default: value }: ColumnSnapshot) => value !== null && /^identity|nextval\(|uuid/i.test(value);
  if (/^(PRIMARY KEY|UNIQUE|CREATE UNIQUE)/.test(definition)) return (columns.some(empty) && !/NULLS NOT DISTINCT/.test(definition)) || columns.some(unlike);
  if (/^CHECK/.test(definition)) return !(/IS NOT NULL/i.test(definition) && columns.some(empty));
  if (/^FOREIGN KEY/.test(definition)) return columns.some(empty);
  return columns.every(empty);
}

function otherDiff(name: string, before: string, after: string): SchemaChange[] {
  const old = labelsOf(before);
  const now = labelsOf(after);
  if (old !== null && now !== null && old.every((label) => now.includes(label))) {
    const more = now.filter((label) => !old.includes(label));
    // The same labels in another order compare otherwise.
    if (more.length > 0 && now.filter((label) => old.includes(label)).join() === old.join()) return [{ ...added(name, `${quoted(name)} has ${more.join(", ")} in addition.`), kind: "changed" }];
  }
  return [refused(name, "changed", `${quoted(name)} was changed; the release before may rely on how it was.`)];
}

function labelsOf(definition: string): string[] | null {
  return definition.startsWith("enum ") ? (definition.slice("enum ".length).match(/'(?:[^']|'')*'/g) ?? []) : null;
}

function describe({ type, nullable, default: value }: ColumnSnapshot): string {
  return [type, ...(nullable ? [] : ["not null"]), ...(value === null ? [] : [`default ${value}`])].join(", ");
}

function quoted(object: string): string {
  const [kind = "", ...rest] = object.split(" ");
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} "${rest.join(" ")}"`;
}

function added(object: string, sentence: string): SchemaChange {
  return { object, kind: "added", expand: true, sentence };
}

function refused(object: string, kind: SchemaChange["kind"], sentence: string): SchemaChange {
  return { object, kind, expand: false, sentence };
}

interface Cases<T> {
  readonly added: (name: string, now: T) => SchemaChange[];
  readonly removed: (name: string, old: T) => SchemaChange[];
  readonly both: (name: string, old: T, now: T) => SchemaChange[];
}

function compare<T>(before: Readonly<Record<string, T>>, after: Readonly<Record<string, T>>, cases: Cases<T>): SchemaChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old === undefined) return now === undefined ? [] : cases.added(name, now);
    return now === undefined ? cases.removed(name, old) : cases.both(name, old, now);
  });
}
