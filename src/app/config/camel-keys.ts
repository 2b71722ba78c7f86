// SPDX-License-Identifier: Apache-2.0
/** From the file's snake_case to the program's camelCase, in values and in types. */

type Camel<Name> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name

/** `T` with the keys of all its tables in camelCase, read-only. */
export type CamelKeys<T> = T extends string | number | boolean | null
  ? T
  : T extends readonly (infer Item)[]
    ? readonly CamelKeys<Item>[]
    : { readonly [Key in keyof T as Camel<Key>]: CamelKeys<T[Key]> }

export function camelKeys<T>(value: T): CamelKeys<T> {
  return converted(value) as CamelKeys<T>
}

function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      converted(inner),
    ]),
  )
}
