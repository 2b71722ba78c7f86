// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration of this node: read once, checked as a whole, frozen, and passed down as each layer's own options.
 * Only facts of the node stand in it; what a tenant or the API may change is in the store.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import type { z } from 'zod'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import type { EgressSource, EgressSourceName } from '../../queue/egress.ts'
import { type CamelKeys, camelKeys } from './camel-keys.ts'
import { contradictions } from './contradictions.ts'
import { fileProblems } from './file-problems.ts'
import { KeyLines } from './key-lines.ts'
import { configError, type Problem, problemsOf } from './problems.ts'
import { configSchema } from './schema.ts'

/** The tables of the file, keys in camelCase, durations in milliseconds, sizes in octets. */
export type Settings = CamelKeys<z.output<typeof configSchema>>

export interface Config extends Omit<Settings, 'source' | 'route' | 'nodeName' | 'dsn'> {
  /** The file that it was read from, absolute. */
  readonly file: string
  readonly nodeName: string
  /** At least one. */
  readonly sources: readonly EgressSource[]
  /** In the order of the file; the first that matches is taken. */
  readonly routes: Settings['route']
  readonly dsn: { readonly from: string }
}

/** Throws `RLY_CONFIG_INVALID`, which lists everything that is wrong. Looks at nothing but the text. */
export function parseConfig(text: string, file: string): Config {
  return read(text, file, () => [])
}

/** As `parseConfig`, from a file. For commands that use little of it. */
export function loadConfig(file: string): Config {
  return parseConfig(readText(file), resolve(file))
}

/** As `loadConfig`, and the files that it names must be there and fit. For `serve` and `config check`. */
export function checkConfig(file: string): Config {
  return read(readText(file), resolve(file), fileProblems)
}

/** Throws `RLY_CONFIG_INVALID` where `problems`, found by somebody who knows more, are any. */
export function rejectProblems(config: Config, problems: readonly Problem[]): void {
  if (problems.length > 0)
    throw configError(config.file, new KeyLines(readText(config.file)), problems)
}

function read(text: string, file: string, more: (config: Config) => readonly Problem[]): Config {
  const raw = parseToml(text, file)
  const lines = new KeyLines(text)
  const parsed = configSchema.safeParse(raw)
  if (!parsed.success) throw configError(file, lines, problemsOf(parsed.error.issues, raw))
  const config = freeze(configOf(camelKeys(parsed.data), file))
  const problems = [...contradictions(config), ...more(config)]
  if (problems.length > 0) throw configError(file, lines, problems)
  return config
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (thrown) {
    // Only what is not TOML.
    if (!(thrown instanceof TomlError)) throw thrown
    const [what = ''] = thrown.message.replace(/^Invalid TOML document: /, '').split('\n')
    throw new RelayError(
      'RLY_CONFIG_INVALID',
      `${file}:${thrown.line}: column ${thrown.column}: this is not TOML: ${what}`,
    )
  }
}

function configOf(settings: Settings, file: string): Config {
  const { source, route, ...rest } = settings
  const folder = dirname(file)
  const { submission, operations } = settings.listen
  return {
    ...rest,
    file,
    nodeName: settings.nodeName ?? settings.hostname,
    dataDir: resolve(folder, settings.dataDir),
    keyFile: resolve(folder, settings.keyFile),
    listen: {
      submission: {
        ...submission,
        tlsCert: resolve(folder, submission.tlsCert),
        tlsKey: resolve(folder, submission.tlsKey),
      },
      operations,
    },
    sources: (source.length > 0 ? source : [{ name: 'default', address: null, ehlo: null }]).map(
      ({ name, address, ehlo }) => ({
        name: name as string as EgressSourceName,
        localAddress: address,
        ehloName: ehlo ?? settings.hostname,
      }),
    ),
    routes: route,
    dsn: { from: settings.dsn.from ?? `postmaster@${settings.hostname}` },
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    // Whatever the file system says.
    const why =
      systemCode(thrown) === 'ENOENT' ? 'is not there' : `cannot be read: ${messageOf(thrown)}`
    throw new RelayError('RLY_CONFIG_MISSING', `the configuration file ${file} ${why}`, {
      cause: thrown,
    })
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) freeze(inner)
  }
  return value
}
