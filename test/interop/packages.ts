// SPDX-License-Identifier: Apache-2.0
/**
 * Other people's programs, unpacked into a cache and not installed: mail servers exclude each other, nothing of the system's
 * changes, no service starts. What a package needs beside that and the system has is taken from the system.
 */
import { execFile } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { programNamed } from '../support/installed.ts'

const run = promisify(execFile)

/** Packages of Debian, or one of npm with its version. */
export type Origin = { readonly debian: readonly string[] } | { readonly npm: string }

/** Root's is in a folder that everybody may look into, for servers that give up root. */
const CACHE =
  process.getuid?.() === 0
    ? '/var/cache/posthaste-interop'
    : join(homedir(), '.cache', 'posthaste-interop')

/** The two libraries' folders where Debian puts them, by what Node calls the processor. */
const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'

export class Unpacked {
  /** Where its files begin. */
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts)
  }

  /** Of the package where that brings it, else of the system. */
  program(path: string): string {
    const own = this.path(path)
    try {
      accessSync(own, constants.X_OK)
      return own
    } catch {
      // A package that only points to others which the system has.
      const name = path.slice(path.lastIndexOf('/') + 1)
      const found = programNamed(name)
      if (found === null) throw new Error(`there is no ${name}, neither unpacked nor installed`)
      return found
    }
  }

  /** Libraries and modules before the system's. */
  get environment(): NodeJS.ProcessEnv {
    const libraries = [`usr/lib/${TRIPLET}`, `lib/${TRIPLET}`, 'usr/lib', 'usr/lib/postfix']
    const perl = globSync(this.path('usr', '{share,lib/*}', '{perl5,perl5/*,perl/*,perl-base}'))
    return {
      PATH: process.env['PATH'],
      LC_ALL: 'C.UTF-8',
      LD_LIBRARY_PATH: libraries.map((folder) => this.path(folder)).join(':'),
      PERL5LIB: perl.join(':'),
      SASL_PATH: this.path(`usr/lib/${TRIPLET}/sasl2`),
    }
  }

  /** A file of the package as text; manuals are unpacked. */
  text(path: string): string {
    const octets = readFileSync(this.path(path))
    return (path.endsWith('.gz') ? gunzipSync(octets) : octets).toString('latin1')
  }
}

/** `null` where it was not fetched. */
export function unpacked(origin: Origin): Unpacked | null {
  const root = join(folderOf(origin), 'root')
  return existsSync(root) ? new Unpacked(root) : null
}

/** Fetches what is not there yet. Two that fetch at once do not disturb each other. */
export async function fetched(origin: Origin): Promise<Unpacked> {
  const found = unpacked(origin)
  if (found !== null) return found
  mkdirSync(CACHE, { recursive: true, mode: 0o755 })
  const folder = mkdtempSync(join(CACHE, '.new-'))
  try {
    mkdirSync(join(folder, 'root'))
    if ('npm' in origin) await fetchNpm(folder, origin.npm)
    else await fetchDebian(folder, origin.debian)
    chmodSync(folder, 0o755)
    renameSync(folder, folderOf(origin))
  } catch (thrown) {
    // Another process may have been faster.
    if (unpacked(origin) === null) throw thrown
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return new Unpacked(join(folderOf(origin), 'root'))
}

async function fetchNpm(folder: string, spec: string): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', [
    'install',
    '--prefix',
    join(folder, 'root'),
    '--ignore-scripts',
    ...quiet,
    spec,
  ])
}

/** With what they need and the system lacks. */
async function fetchDebian(folder: string, names: readonly string[]): Promise<void> {
  const archives = join(folder, 'debs')
  mkdirSync(join(archives, 'partial'), { recursive: true })
  const options = ['-qq', '-y', '--no-install-recommends', '--download-only', '--reinstall']
  const places = [
    `Dir::Cache::archives=${archives}`,
    'APT::Sandbox::User=root',
    'Debug::NoLocking=1',
  ]
  const get = () =>
    run('apt-get', [...options, ...places.flatMap((place) => ['-o', place]), 'install', ...names])
  // Lists that are missing or old name packages that are no more.
  await get().catch(() => run('apt-get', ['-qq', 'update']).then(get))
  for (const archive of globSync(join(archives, '*.deb')))
    await run('dpkg', ['-x', archive, join(folder, 'root')])
  rmSync(archives, { recursive: true })
}

function folderOf(origin: Origin): string {
  return join(CACHE, 'npm' in origin ? origin.npm : origin.debian.join('+'))
}
