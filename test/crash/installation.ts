// SPDX-License-Identifier: Apache-2.0
/**
 * An installation for the crash test, made by the real commands. Only its times differ from production: a second
 * try comes within a second, and the content of failed mail may soon go.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { run } from '../../src/app/cli/program.ts'
import { CAMPAIGN, RECEIPTS, SENDER_DOMAIN } from './letter.ts'

export interface Installation {
  readonly folder: string
  readonly configFile: string
  readonly dataDir: string
  /** Of the credential whose user name selects the stream. */
  readonly secret: string
}

/** Of the relay to the one site that there is; as in production. */
export const CONNECTIONS_OUT = 10
/** Soon, while its first try is still warm; and after a kill or two, when its segment is mostly dead. */
const RETRY_SOON = ['--retry-after', '400ms,1s', '--expires-after', '1h']
const RETRY_LATER = ['--retry-after', '4s,1s', '--expires-after', '1h']

/** `folder` is there and empty; everything goes to `sinkPort` of loopback. */
export async function install(folder: string, sinkPort: number): Promise<Installation> {
  const configFile = join(folder, 'posthaste.toml')
  const command = (...args: readonly string[]) =>
    commandOutput([...args, '--config', configFile, '--json'])
  await command('init', '--dir', folder, '--hostname', 'relay.example')
  await configure(configFile, sinkPort)
  await command('domain', 'add', SENDER_DOMAIN)
  await command(
    ...['stream', 'add', RECEIPTS, '--kind', 'transactional', '--share-transactions'],
    ...RETRY_SOON,
  )
  await command('stream', 'add', CAMPAIGN, '--kind', 'bulk', ...RETRY_LATER)
  const { secret } = (await command('credential', 'add', '--label', 'crash')) as {
    readonly secret: string
  }
  return { folder, configFile, dataDir: join(folder, 'data'), secret }
}

async function configure(configFile: string, sinkPort: number): Promise<void> {
  const text = await readFile(configFile, 'utf8')
  const moved = text
    .replace('["127.0.0.1:2525"]', '["127.0.0.1:0"]\nclear_text_auth = "loopback"')
    .replace('"127.0.0.1:2526"', '"127.0.0.1:0"')
    .replace('"127.0.0.1:8025"', '"127.0.0.1:0"')
    .replace('"127.0.0.1:8026"', '"127.0.0.1:0"')
  await writeFile(
    configFile,
    `${moved}
[[route]]
domain = "*"
host = "127.0.0.1"
port = ${sinkPort}

[delivery]
connections_per_site = ${CONNECTIONS_OUT}

[spool]
retention_failed = "50ms"

[retry]
site_rest = ["250ms"]
`,
  )
}

/** Runs one command of the program in this process and reads its JSON. */
async function commandOutput(args: readonly string[]): Promise<unknown> {
  let text = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  const exitCode = await run(args, { output, errors: process.stderr, environment: {} })
  if (exitCode !== 0) throw new Error(`posthaste ${args.join(' ')} ended with ${exitCode}`)
  return JSON.parse(text)
}
