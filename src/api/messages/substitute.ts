// SPDX-License-Identifier: Apache-2.0
/**
 * Values of one recipient in a content that many share: `{{name}}`. In HTML a value is text, never markup. A name that the
 * recipient has no value for is a mistake, and is said; nobody gets a mail to `{{first_name}}`.
 */
import { RelayError } from '../../base/errors.ts'
import type { MessageParts } from './compose-message.ts'

type Values = Readonly<Record<string, string>>

export function substituted<T extends Pick<MessageParts, 'subject' | 'text' | 'html'>>(
  parts: T,
  values: Values,
): T {
  const { subject, text, html } = parts
  return {
    ...parts,
    subject: filled(subject, values, oneLine),
    ...(text !== undefined && { text: filled(text, values, (value) => value) }),
    ...(html !== undefined && { html: filled(html, values, escaped) }),
  }
}

function filled(text: string, values: Values, written: (value: string) => string): string {
  return text.replace(/\{\{\s*(\w{1,64})\s*\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value !== undefined) return written(value)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `the content has "{{${name}}}", and this recipient has no substitution of that name`,
    )
  })
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
