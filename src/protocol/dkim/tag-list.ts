// SPDX-License-Identifier: Apache-2.0
/** `tag=value; tag=value`, RFC 6376 §3.2: of signatures and of keys. */

/** Values without white space around them; `null` where it is no such list, or a tag is there twice. */
export function tagsOf(text: string): ReadonlyMap<string, string> | null {
  const tags = new Map<string, string>()
  const parts = text.split(';')
  if (parts.at(-1)?.trim() === '') parts.pop()
  for (const part of parts) {
    const at = part.indexOf('=')
    const name = part.slice(0, Math.max(0, at)).trim()
    if (!/^[a-z][a-z0-9_]*$/i.test(name) || tags.has(name)) return null
    tags.set(name, part.slice(at + 1).trim())
  }
  return tags
}
