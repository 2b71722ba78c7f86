// SPDX-License-Identifier: Apache-2.0
/** A JSON schema as rows that a person can read, one a field; fields of fields are named with dots. */

export interface SchemaRow {
  /** `recipients[].to`, empty for the whole. */
  readonly name: string
  /** `string (email)`, `"keep" or "quoted-printable"`, `list of object`. */
  readonly type: string
  readonly isRequired: boolean
  /** Sentence and default, empty where there is neither. */
  readonly says: string
}

/** As far as `z.toJSONSchema` writes it. */
interface Schema {
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly description?: string
  readonly default?: unknown
  readonly $ref?: string
}

/** Deeper fields are not told apart. */
const DEPTH = 6

export function schemaRows(schema: object): readonly SchemaRow[] {
  return rowsOf('', schema as Schema, 0)
}

function rowsOf(name: string, schema: Schema, depth: number): readonly SchemaRow[] {
  if (depth > DEPTH) return []
  const rows: SchemaRow[] = []
  for (const object of objectsIn(schema))
    for (const [key, field] of Object.entries(object.schema.properties ?? {})) {
      const path = `${name}${object.suffix}${name === '' && object.suffix === '' ? '' : '.'}${key}`
      const isRequired = object.schema.required?.includes(key) ?? false
      rows.push({ name: path, type: typeOf(field), isRequired, says: saysOf(field) })
      rows.push(...rowsOf(path, field, depth + 1))
    }
  return rows
}

/** The objects that a value may be, or be made of. */
function objectsIn(
  schema: Schema,
): readonly { readonly suffix: string; readonly schema: Schema }[] {
  if (schema.properties) return [{ suffix: '', schema }]
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.flatMap(objectsIn)
  if (schema.items)
    return objectsIn(schema.items).map((found) => ({ ...found, suffix: `[]${found.suffix}` }))
  return []
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' or ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ')
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return `object of ${typeOf(schema.additionalProperties)}`
  if (schema.$ref !== undefined) return schema.$ref.replace(/^.*\//, '')
  const format = schema.format === undefined ? '' : ` (${schema.format})`
  return `${[schema.type ?? 'anything'].flat().join(' or ')}${format}`
}

function saysOf({ description, default: usual }: Schema): string {
  const ifNone = usual === undefined ? '' : `Default: ${JSON.stringify(usual)}.`
  return [description, ifNone].filter(Boolean).join(' ')
}
