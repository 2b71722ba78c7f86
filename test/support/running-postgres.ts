// SPDX-License-Identifier: Apache-2.0
/** A PostgreSQL of this machine on a fresh temporary folder: over loopback with a password, over its socket without. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PostgresOptions } from '../../src/platform/postgres/place.ts'
import { freePort } from './free-port.ts'
import { inTime } from './in-time.ts'
import { programNamed } from './installed.ts'

/** Debian keeps each version's programs apart. */
const DEBIAN_FOLDER = '/usr/lib/postgresql'

const programs = foldersOfPrograms().find((folder) => existsSync(join(folder, 'initdb'))) ?? null

/** A build machine must have it. */
export const skipWithoutPostgres =
  programs === null && process.env['CI'] === undefined && 'PostgreSQL is not installed'

export const POSTGRES_PASSWORD = 'correct horse'

export class RunningPostgres implements AsyncDisposable {
  readonly port: number
  /** Of its Unix socket. */
  readonly folder: string
  #child: ChildProcess | null = null
  #schemas = 0

  static async start(): Promise<RunningPostgres> {
    if (programs === null) throw new Error('PostgreSQL is not installed')
    const folder = mkdtempSync(join(tmpdir(), 'postgres-'))
    chmodSync(folder, 0o755)
    if (serverUser !== null) chownSync(folder, serverUser.uid, serverUser.gid)
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, POSTGRES_PASSWORD)
    execFileSync(
      join(programs, 'initdb'),
      [
        ...['--pgdata', join(folder, 'data'), '--username', 'relay', '--pwfile', passwordFile],
        ...['--auth-local', 'trust', '--auth-host', 'scram-sha-256', '--no-sync'],
        // Words compare as in a dictionary, so that an order that we forgot to ask for shows.
        ...['--encoding', 'UTF8', '--locale', 'C.UTF-8'],
        ...['--locale-provider', 'icu', '--icu-locale', 'en-US'],
      ],
      { ...serverUser, cwd: folder, stdio: 'pipe' },
    )
    const postgres = new RunningPostgres(folder, await freePort())
    await postgres.begin()
    return postgres
  }

  private constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
  }

  /** Again, after `end`. */
  async begin(): Promise<void> {
    const child = spawn(
      join(programs ?? '', 'postgres'),
      [
        ...['-D', join(this.folder, 'data'), '-k', this.folder, '-h', '127.0.0.1'],
        ...['-p', String(this.port), '-c', 'fsync=off', '-c', 'max_connections=50'],
      ],
      { ...serverUser, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let log = ''
    const ready = Promise.withResolvers<void>()
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (log.includes('ready to accept connections')) ready.resolve()
    })
    this.#child = child
    await inTime(ready.promise, () => `PostgreSQL does not start:\n${log}`)
  }

  /** Its clients are cut off. */
  async end(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  }

  /** From now on nobody comes over loopback without. */
  async wantTls({ cert, key }: { readonly cert: string; readonly key: string }): Promise<void> {
    const data = join(this.folder, 'data')
    for (const [name, text] of [
      ['server.crt', cert],
      ['server.key', key],
      ['postgresql.auto.conf', 'ssl = on\n'],
      ['pg_hba.conf', 'hostssl all all 127.0.0.1/32 scram-sha-256\n'],
    ] as const) {
      const file = join(data, name)
      writeFileSync(file, text)
      chmodSync(file, 0o600)
      if (serverUser !== null) chownSync(file, serverUser.uid, serverUser.gid)
    }
    await this.end()
    await this.begin()
  }

  /** Over loopback, to a schema that no other test has. */
  options(): PostgresOptions {
    this.#schemas++
    return {
      place: {
        host: '127.0.0.1',
        port: this.port,
        user: 'relay',
        database: 'postgres',
        tls: 'disable',
      },
      schema: `records_${this.#schemas}`,
      authorities: null,
      password: () => POSTGRES_PASSWORD,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    rmSync(this.folder, { recursive: true })
  }
}

/** PostgreSQL refuses to run as root. */
const serverUser = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : null

function idOf(option: string): number {
  return Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }))
}

function foldersOfPrograms(): string[] {
  const initdb = programNamed('initdb')
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort().reverse() : []
  return [
    ...(initdb === null ? [] : [join(initdb, '..')]),
    ...versions.map((version) => join(DEBIAN_FOLDER, version, 'bin')),
  ]
}
