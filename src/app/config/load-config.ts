// SPDX-License-Identifier: Apache-2.0
/** Reads the configuration; whatever is wrong in it is said at once, with file, line and key. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import { camelKeys } from './camel-keys.ts'
import { type Config, configOf } from './config.ts'
import { contradictions } from './contradictions.ts'
import { fileProblems } from './file-problems.ts'
import { KeyLines } from './key-lines.ts'
import { configError, type Problem, problemsOf } from './problems.ts'
import { configSchema } from './schema.ts'

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
  const config = configOf(camelKeys(parsed.data), file)
  const problems = [...contradictions(config), ...more(config)]
  if (problems.length > 0) throw configError(file, lines, problems)
  return config
}

/** Throws `RLY_CONFIG_INVALID` with file and line. */
export function parseToml(text: string, file: string): unknown {
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

export function readText(file: string): string {
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
