// SPDX-License-Identifier: Apache-2.0
/** `posthaste explain`: how mail to an address would go. */
import type { Command } from 'commander'
import * as sites from '../../../api/resources/sites.ts'
import type { Explanation } from '../../../control/queues/explain.ts'
import { facts, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

export function define(command: Command, shell: Shell): void {
  command
    .argument('<address>', 'local-part@domain')
    .option('--tenant <id>', 'mail of this tenant')
    .option('--stream <name>', 'mail of streams of this name')
    .option('--campaign <name>', 'mail of this campaign')
    .action(async (address: string, options: MailOptions) => {
      const explanation = await shell.withApi((api) =>
        api.call(sites.explain, { query: { address, ...options } }),
      )
      shell.terminal.result(explanation, (terminal) => inWords(terminal, explanation))
    })
}

interface MailOptions {
  readonly tenant?: string
  readonly stream?: string
  readonly campaign?: string
}

const COLD =
  'What finds no room in a warm-up waits, goes from the overflow pool or passes: posthaste stream show NAME says which.'

function inWords(terminal: Terminal, explanation: Explanation): string {
  const head = facts(terminal, [
    ['address', { text: explanation.address, style: 'bold' }],
    ['domain', explanation.domain],
    ['problem', explanation.problem === null ? null : { text: explanation.problem, style: 'red' }],
    ['site', explanation.site],
    ['port', explanation.port],
    [
      'TLS',
      explanation.tlsFrom === null
        ? explanation.tls
        : `${explanation.tls}, as ${explanation.tlsFrom} says`,
    ],
    ['provider', explanation.paths[0]?.shaping.provider ?? null],
  ])
  if (explanation.site === null) return head
  const hasPools = explanation.pools.length > 1
  const byPool = explanation.pools.map((row) => [row.pool, streamsOf(row), row.waiting])
  const hosts = explanation.hosts.map(({ preference, name }) => [
    preference,
    name,
    explanation.targets
      .filter(({ host }) => host === name)
      .map(({ address }) => address)
      .join(' ') || 'no address',
  ])
  const paths = explanation.paths.map(({ pool, source, localAddress, ehlo, state }) => [
    ...(hasPools ? [pool] : []),
    source,
    localAddress ?? 'the system chooses',
    ehlo,
    { text: state, style: state === 'open' ? ('green' as const) : ('yellow' as const) },
  ])
  const limits = limitsOf(explanation)
  const bound = explanation.paths.flatMap(({ pool, source, shaping: { binds, until } }) => {
    if (binds === null) return []
    const whose = hasPools ? `${source} in pool ${pool}` : source
    return [
      `${whose} waits for ${binds}${until === null ? '' : `, again at ${pointInTime(until)}`}`,
    ]
  })
  const flows = explanation.flows.map(
    ({ name, origin, value, whose }) => `${name} ${value} ${whose} (${origin})`,
  )
  const held = explanation.campaigns.map(
    ({ campaign, tenant, waiting, waitsFor }) =>
      `${waiting} of campaign ${campaign} of tenant ${tenant} wait: ${waitsFor}`,
  )
  const rules = explanation.poolRules.map(
    ({ place, pool, whose }) => `${whose} goes from pool ${pool}, as [[pool_rule]] ${place} says`,
  )
  return [
    head,
    '',
    table(terminal, ['preference', 'host', 'addresses'], hosts),
    '',
    ...(hasPools ? [table(terminal, ['pool', 'mail of', 'waiting'], byPool), ''] : []),
    table(
      terminal,
      [...(hasPools ? ['pool'] : []), 'source', 'local address', 'EHLO', 'path'],
      paths,
    ),
    '',
    table(terminal, ['source', 'limit', 'value', 'from'], limits),
    '',
    ...timeouts(explanation),
    ...(rules.length === 0 ? [] : ['', ...rules]),
    ...(bound.length === 0 ? [] : ['', ...bound]),
    ...(held.length === 0 ? [] : ['', ...held]),
    ...(flows.length === 0 ? [] : ['', ...flows]),
    ...(limits.some(([, name]) => name === 'warm-up') ? ['', COLD] : []),
  ].join('\n')
}

/** Whose mail goes from a pool: `bulk:shop, news:shop and 3 more`. */
function streamsOf({ streamCount, streams }: Explanation['pools'][number]): string {
  if (streamCount === 0) return 'none'
  const more = streamCount - streams.length
  return `${streams.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What a source has in several pools is said once. */
function limitsOf({ paths }: Explanation): readonly (readonly string[])[] {
  const rows = paths.flatMap(({ source, shaping }) =>
    shaping.limits.map(({ name, value, origin }) => [source, name, value, origin]),
  )
  return [...new Map(rows.map((row) => [row.join('\n'), row])).values()]
}

/** A line for each set of them, of all sources that have it. */
function timeouts({ paths }: Explanation): readonly string[] {
  const sources = new Map<string, string[]>()
  for (const { source, timeouts } of paths) {
    const text = timeouts.map(({ name, value }) => `${stepOf(name)} ${value}`).join(', ')
    sources.set(text, [...(sources.get(text) ?? []), source])
  }
  return [...sources].map(
    ([text, names]) => `Time-outs of ${[...new Set(names)].join(', ')}: ${text}`,
  )
}

/** `start_tls_timeout`: `start TLS`. */
function stepOf(name: string): string {
  return name
    .replace(/_timeout$/, '')
    .replaceAll('_', ' ')
    .replace('tls', 'TLS')
}
