// SPDX-License-Identifier: Apache-2.0
/** `posthaste explain`: how mail to an address would go. */
import type { Command } from 'commander'
import * as sites from '../../../api/resources/sites.ts'
import type { Explanation } from '../../../control/queues/explain.ts'
import { facts, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

export function define(command: Command, shell: Shell): void {
  command.argument('<address>', 'local-part@domain').action(async (address: string) => {
    const explanation = await shell.withApi((api) =>
      api.call(sites.explain, { query: { address } }),
    )
    shell.terminal.result(explanation, (terminal) => inWords(terminal, explanation))
  })
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
  const hosts = explanation.hosts.map(({ preference, name }) => [
    preference,
    name,
    explanation.targets
      .filter(({ host }) => host === name)
      .map(({ address }) => address)
      .join(' ') || 'no address',
  ])
  const paths = explanation.paths.map(({ source, localAddress, ehlo, state }) => [
    source,
    localAddress ?? 'the system chooses',
    ehlo,
    { text: state, style: state === 'open' ? ('green' as const) : ('yellow' as const) },
  ])
  const limits = explanation.paths.flatMap(({ source, shaping }) =>
    shaping.limits.map(({ name, value, origin }) => [source, name, value, origin]),
  )
  const bound = explanation.paths.flatMap(({ source, shaping: { binds, until } }) =>
    binds === null
      ? []
      : [`${source} waits for ${binds}${until === null ? '' : `, again at ${pointInTime(until)}`}`],
  )
  const flows = explanation.flows.map(
    ({ name, origin, value, whose }) => `${name} ${value} ${whose} (${origin})`,
  )
  const held = explanation.campaigns.map(
    ({ campaign, tenant, waiting, waitsFor }) =>
      `${waiting} of campaign ${campaign} of tenant ${tenant} wait: ${waitsFor}`,
  )
  const pools = explanation.poolRules.map(
    ({ place, pool, whose }) => `${whose} goes from pool ${pool}, as [[pool_rule]] ${place} says`,
  )
  return [
    head,
    '',
    table(terminal, ['preference', 'host', 'addresses'], hosts),
    '',
    table(terminal, ['source', 'local address', 'EHLO', 'path'], paths),
    '',
    table(terminal, ['source', 'limit', 'value', 'from'], limits),
    '',
    ...timeouts(explanation),
    ...(pools.length === 0 ? [] : ['', ...pools]),
    ...(bound.length === 0 ? [] : ['', ...bound]),
    ...(held.length === 0 ? [] : ['', ...held]),
    ...(flows.length === 0 ? [] : ['', ...flows]),
    ...(limits.some(([, name]) => name === 'warm-up') ? ['', COLD] : []),
  ].join('\n')
}

/** A line for each set of them, of all sources that have it. */
function timeouts({ paths }: Explanation): readonly string[] {
  const sources = new Map<string, string[]>()
  for (const { source, timeouts } of paths) {
    const text = timeouts.map(({ name, value }) => `${stepOf(name)} ${value}`).join(', ')
    sources.set(text, [...(sources.get(text) ?? []), source])
  }
  return [...sources].map(([text, names]) => `Time-outs of ${names.join(', ')}: ${text}`)
}

/** `start_tls_timeout`: `start TLS`. */
function stepOf(name: string): string {
  return name
    .replace(/_timeout$/, '')
    .replaceAll('_', ' ')
    .replace('tls', 'TLS')
}
