// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/finished-program.ts'
import { freePort } from '../../support/free-port.ts'
import type { Gap } from '../gap.ts'
import type { Unpacked } from '../packages.ts'
import { openFolder, RunningServer, removeFolder } from '../running-server.ts'
import type { BalancerPeer, Behind, Way } from './balancer.ts'

const MODULES = 'usr/lib/nginx/modules'

/** In the foreground, one process, as whoever starts it, with its files in a folder of its own. */
function mainOf(unpacked: Unpacked, folder: string): string {
  const modules = ['ngx_stream_module.so', 'ngx_mail_module.so']
  const loaded = modules.map((name) => `load_module ${unpacked.path(MODULES, name)};\n`)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const temporary = places.map((name) => `  ${name}_temp_path ${join(folder, name)};\n`)
  return `${loaded.join('')}daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log stderr;
events {}
http {
  access_log off;
${temporary.join('')}`
}

interface Ports {
  readonly of: ReadonlyMap<Way, number>
  /** Where its mail proxy asks whither. */
  readonly asked: number
}

function configurationOf(unpacked: Unpacked, behind: Behind, ports: Ports, isDual: boolean) {
  const listens = (way: Way) => {
    const port = ports.of.get(way)
    return `listen 127.0.0.1:${port};${isDual ? ` listen [::1]:${port};` : ''}`
  }
  const stream = (way: Way, target: number, header: 'on' | 'off') =>
    `  server { ${listens(way)} proxy_pass 127.0.0.1:${target}; proxy_protocol ${header}; }\n`
  const answer = ['OK', '127.0.0.1', `${behind.claimsPort}`]
  const fields = ['Status', 'Server', 'Port'].map(
    (name, at) => `add_header Auth-${name} ${answer[at]};`,
  )
  return `${mainOf(unpacked, behind.folder)}
  server { listen 127.0.0.1:${ports.asked}; location / { ${fields.join(' ')} return 204; } }
}
stream {
${stream('v1', behind.port, 'on')}${stream('implicit', behind.implicitPort, 'on')}${stream('bare', behind.port, 'off')}}
mail {
  server_name proxy.example;
  auth_http 127.0.0.1:${ports.asked}/;
  server { ${listens('xclient')} protocol smtp; smtp_auth none; xclient on; }
}
`
}

/** It tells itself that it knows no other version. */
const noVersion2: Gap = {
  async evidence(unpacked) {
    const folder = await openFolder('nginx')
    const file = join(folder, 'nginx.conf')
    const module = `load_module ${unpacked.path(MODULES, 'ngx_stream_module.so')};`
    const server = 'server { listen 127.0.0.1:1; proxy_pass 127.0.0.1:2; proxy_protocol v2; }'
    writeFileSync(file, `${module} pid ${folder}/pid; events {} stream { ${server} }`)
    try {
      const program = unpacked.path('usr/sbin/nginx')
      const { environment } = unpacked
      const { stderr } = await runProgram(program, ['-t', '-c', file], { environment })
      return /invalid value "v2" .*|test is successful/.exec(stderr)?.[0] ?? ''
    } finally {
      await removeFolder(folder)
    }
  },
  unless: /successful/,
  says: 'it refuses "proxy_protocol v2"',
}

/** Of the stream module that is free. */
const noChecks: Gap = {
  evidence: (unpacked) => unpacked.text(join(MODULES, 'ngx_stream_module.so')),
  unless: /\bhealth_check\b/,
  says: 'its stream module has no health_check',
}

export const nginx: BalancerPeer = {
  name: 'nginx',
  origin: { debian: ['nginx', 'libnginx-mod-stream', 'libnginx-mod-mail'] },
  gaps: {
    v2: noVersion2,
    'v2 by IPv6': noVersion2,
    checksum: noVersion2,
    'its own': noChecks,
  },
  async open(unpacked, behind, isDual) {
    const of = new Map<Way, number>()
    for (const way of ['v1', 'implicit', 'bare', 'xclient'] as const) of.set(way, await freePort())
    const asked = await freePort()
    const file = join(behind.folder, 'nginx.conf')
    writeFileSync(file, configurationOf(unpacked, behind, { of, asked }, isDual))
    const server = await RunningServer.start(behind.folder, {
      command: [unpacked.path('usr/sbin/nginx'), '-c', file],
      environment: unpacked.environment,
      port: asked,
    })
    return {
      ports: of,
      log: () => server.log(),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}
