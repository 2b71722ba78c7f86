// SPDX-License-Identifier: Apache-2.0
/** The tables of `docs/classification.md`, made from the classes and rules themselves. */
import {
  type FailureClass,
  factsOf,
  failureClasses,
} from '../src/protocol/classify/failure-class.ts'
import { shippedRules } from '../src/protocol/classify/rules/shipped-rules.ts'
import { vendorWords } from '../src/protocol/classify/vendor-words.ts'

export const CLASSIFICATION_PAGE = 'docs/classification.md'

const names = Object.keys(failureClasses) as readonly FailureClass[]
const tables = { classes: classTable(), words: vendorTable(), rules: ruleTable() }

/** The page with its tables as they should be. */
export function withTables(page: string): string {
  let whole = page
  for (const [name, table] of Object.entries(tables)) whole = between(whole, name, table)
  return whole
}

/** What stands between `<!-- name -->` and `<!-- end of name -->`, replaced. */
export function between(page: string, name: string, text: string): string {
  const [from, to] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`]
  const start = page.indexOf(from)
  const end = page.indexOf(to)
  if (start === -1 || end < start) return page
  return `${page.slice(0, start + from.length)}\n${text}\n\n${page.slice(end)}`
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

function classTable(): string {
  const rows = names.map((name) => {
    const { coarse, fault, permanence, whenFinal, whenTransient, meaning } = factsOf(name)
    const final = permanence === 'temporary' ? '—' : whenFinal
    const transient = permanence === 'final' ? '—' : whenTransient
    return [`\`${name}\``, meaning, fault, final, transient, `\`${coarse}\``]
  })
  return table(['Class', 'What it means', 'Fault', 'When final', 'When not', 'Coarse'], rows)
}

function vendorTable(): string {
  const rows = names.map((name) => {
    const { postmark, ses, sendgrid, kumomta } = vendorWords(name)
    return [`\`${name}\``, postmark, ses, sendgrid, kumomta]
  })
  return table(['Class', 'Postmark', 'Amazon SES', 'SendGrid', 'KumoMTA'], rows)
}

function ruleTable(): string {
  const rows = names.map((name) => [
    `\`${name}\``,
    rulesOf(shippedRules.words, name),
    Object.entries(shippedRules.enhanced)
      .filter(([, [of]]) => of === name)
      .map(([code, [, weight]]) => (weight === 'decides' ? `**${code}**` : code))
      .join(', '),
    rulesOf(shippedRules.provider, name),
  ])
  return table(['Class', 'Words', 'Enhanced codes (bold: decide)', "Providers' own"], rows)
}

function rulesOf(rules: typeof shippedRules.words, name: FailureClass): string {
  return rules
    .filter((rule) => rule.class === name)
    .map((rule) => rule.name)
    .join(', ')
}
