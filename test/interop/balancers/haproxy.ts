// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.ts'
import { gapsIn } from '../gap.ts'
import { RunningServer } from '../running-server.ts'
import type { BalancerPeer, Behind, Way } from './balancer.ts'

/** Of a server's line, by the way that leads to it. */
const options = {
  v1: 'send-proxy',
  v2: 'send-proxy-v2',
  checksum: 'send-proxy-v2 proxy-v2-options crc32c,unique-id,authority',
  implicit: 'send-proxy',
  bare: '',
} as const satisfies Partial<Record<Way, string>>

/** A whole mail from it, for which nobody stands but itself. */
const checkOf = (sender: string, version: string): string => `
  option tcp-check
  tcp-check connect default
  tcp-check expect rstring ^220
  tcp-check send EHLO\\ ${version}.check.example\\r\\n
  tcp-check expect rstring (^|\\n)250\\s
  tcp-check send MAIL\\ FROM:<${sender}>\\r\\n
  tcp-check expect rstring ^250
  tcp-check send RCPT\\ TO:<jane@example.net>\\r\\n
  tcp-check expect rstring ^250
  tcp-check send DATA\\r\\n
  tcp-check expect rstring ^354
  tcp-check send Subject:\\ ${version}\\r\\n\\r\\n.\\r\\n
  tcp-check expect rstring ^250
`

function sectionOf(way: keyof typeof options, port: number, behind: Behind, isDual: boolean) {
  const six = isDual ? `  bind [::1]:${port}\n` : ''
  const target = way === 'implicit' ? behind.implicitPort : behind.port
  const added = way === 'checksum' ? '  unique-id-format %ci:%cp\n' : ''
  const server = `  server relay 127.0.0.1:${target} ${options[way]}\n`
  return `listen ${way}\n  bind 127.0.0.1:${port}\n${six}${added}${server}`
}

/** Of no client: one that is checked late, on a busy machine, is not taken from those. */
function checkedSection(version: 'v1' | 'v2', { port, checkSender }: Behind): string {
  const server = `  server relay 127.0.0.1:${port} ${options[version]} check inter 1s\n`
  return `backend checked-${version}\n${checkOf(checkSender, version)}${server}`
}

export const haproxy: BalancerPeer = {
  name: 'HAProxy',
  origin: { debian: ['haproxy'] },
  gaps: gapsIn('usr/share/doc/haproxy/configuration.txt.gz', { XCLIENT: /XCLIENT/i }),
  async open(unpacked, behind, isDual) {
    const ports = new Map<Way, number>()
    const sections: string[] = []
    for (const way of Object.keys(options) as (keyof typeof options)[]) {
      const port = await freePort()
      ports.set(way, port)
      sections.push(sectionOf(way, port, behind, isDual))
    }
    const file = join(behind.folder, 'haproxy.cfg')
    for (const version of ['v1', 'v2'] as const) sections.push(checkedSection(version, behind))
    const waits = { connect: '30s', check: '30s', client: '1m', server: '1m' }
    const patience = Object.entries(waits).map(([what, wait]) => `  timeout ${what} ${wait}\n`)
    writeFileSync(
      file,
      `global\n  log stdout format raw local0\ndefaults\n  mode tcp\n  log global\n${patience.join('')}${sections.join('')}`,
    )
    const server = await RunningServer.start(behind.folder, {
      command: [unpacked.path('usr/sbin/haproxy'), '-db', '-f', file],
      environment: unpacked.environment,
      port: ports.get('bare') ?? 0,
    })
    return {
      ports,
      log: () => server.log(),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}
