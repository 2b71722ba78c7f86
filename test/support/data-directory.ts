// SPDX-License-Identifier: Apache-2.0
/** The data directory of a stopped relay, copied so that each test damages its own. */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Verified } from '../../src/app/verify.ts'
import type { Finished } from './command-line.ts'
import type { RunningRelay } from './running-relay.ts'

/** What `verify --json` says, and how it ended. */
export interface Verdict extends Finished {
  readonly verified: Verified
  /** One line each. */
  readonly problems: readonly string[]
}

export class DataDirectory {
  readonly configFile: string
  readonly folder: string
  /** Of the first journal. */
  readonly journal: string
  readonly #relay: RunningRelay

  /** `relay` is stopped. */
  constructor(relay: RunningRelay) {
    const copy = mkdtempSync(join(relay.folder, 'copy-'))
    this.#relay = relay
    this.folder = join(copy, 'data')
    this.journal = join(this.folder, 'journal-00001')
    cpSync(relay.dataDir, this.folder, {
      recursive: true,
      filter: (path) => !path.endsWith('.sock'),
    })
    this.configFile = join(relay.folder, `${basename(copy)}.toml`)
    copyFileSync(relay.configFile, this.configFile)
    this.changeConfig(/^data_dir = .*$/m, `data_dir = "${this.folder}"`)
  }

  changeConfig(what: RegExp, by: string): void {
    const config = readFileSync(this.configFile, 'utf8')
    writeFileSync(this.configFile, config.replace(what, by))
  }

  cli(...args: readonly string[]): Promise<Finished> {
    return this.#relay.cli(...args, '--config', this.configFile)
  }

  async verify(...options: readonly string[]): Promise<Verdict> {
    const finished = await this.cli('verify', '--json', ...options)
    if (finished.stdout === '') throw new Error(`no verdict: ${finished.stderr}`)
    const verified = JSON.parse(finished.stdout) as Verified
    const problems = [...verified.journals, verified.store].flatMap(({ problems: all }) =>
      all.map(({ kind, file, offset, what }) => `${kind} ${file}:${offset ?? ''} ${what}`),
    )
    return { ...finished, verified, problems }
  }

  /** The path of the only segment of a family. */
  segment(family: 'mail' | 'event'): string {
    const name = readdirSync(this.journal).find((one) => one.startsWith(family)) ?? ''
    return join(this.journal, name)
  }

  /** Behind the index's back. */
  changeIndex(sql: string): void {
    const database = new DatabaseSync(join(this.journal, 'index.sqlite'))
    database.exec(sql)
    database.close()
  }

  /** Changes where any file but the lock's changed. */
  fingerprint(): string {
    const hash = createHash('sha256')
    for (const name of readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).sort()) {
      const path = join(this.folder, name)
      if (!statSync(path).isFile() || name.includes('owner.')) continue
      hash.update(name).update(readFileSync(path))
    }
    return hash.digest('hex')
  }
}

/** Inverts one octet. */
export function flip(file: string, at: number): void {
  const octets = readFileSync(file)
  octets[at] = (octets[at] ?? 0) ^ 0xff
  writeFileSync(file, octets)
}
