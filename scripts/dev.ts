// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run dev`: a relay and a sink that start anew when a file of theirs changes. The relay has a tenant with a domain and
 * a credential, and sends everything to the sink. Its folder `data/dev` is kept between runs; remove it to begin anew.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './source-tree.ts'

const SINK_PORT = 2_526
const DOMAIN = 'shop.example'

const program = join(root, 'bin/posthaste.js')
const folder = join(root, 'data/dev')
const configFile = join(folder, 'posthaste.toml')
const secretFile = join(folder, 'secret.txt')

if (!existsSync(secretFile)) makeInstallation()
const children = [
  watched('sink', '--port', String(SINK_PORT)),
  watched('serve', '--config', configFile),
]
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const child of children) child.kill(signal)
  })
console.log(greeting())
await Promise.all(children.map((child) => once(child, 'exit')))

/** The secret is written last, so a folder without it was not finished. */
function makeInstallation(): void {
  rmSync(folder, { recursive: true, force: true })
  command('init', '--dir', folder, '--hostname', 'relay.localhost')
  const route = `\n[[route]]\ndomain = "*"\nhost = "127.0.0.1"\nport = ${SINK_PORT}\n`
  writeFileSync(configFile, `${readFileSync(configFile, 'utf8')}${route}`)
  command('domain', 'add', DOMAIN, '--config', configFile)
  const added = command('credential', 'add', '--label', 'dev', '--config', configFile)
  writeFileSync(secretFile, `${(added as { secret: string }).secret}\n`, { mode: 0o600 })
}

/** The result of a command; it says itself what is wrong, and then ends us. */
function command(...args: readonly string[]): unknown {
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  return JSON.parse(
    execFileSync(process.execPath, [program, ...args, '--json'], {
      encoding: 'utf8',
      stdio: [...stdio],
    }),
  )
}

function watched(...args: readonly string[]): ChildProcess {
  const options = ['--watch', '--watch-preserve-output']
  return spawn(process.execPath, [...options, program, ...args], { stdio: 'inherit' })
}

function greeting(): string {
  const config = relative(root, configFile)
  const send = `send --config ${config} --from orders@${DOMAIN} --to jane@example.net --subject Hello --text "It works."`
  return `
A relay on 127.0.0.1:2525 and a sink on 127.0.0.1:${SINK_PORT}; Ctrl-C ends both. Send a message:

  npm run --silent posthaste -- ${send}

By SMTP: any user name, the secret in ${relative(root, secretFile)}, From in ${DOMAIN}.
`
}
