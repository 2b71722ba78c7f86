// SPDX-License-Identifier: Apache-2.0
/**
 * Makes an installation: configuration, key file, certificate, data directory, the tenant `default` and a first key of the API.
 * Overwrites nothing, and leaves nothing behind where it fails.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { days } from '../base/brand.ts'
import { SystemClock } from '../base/clock.ts'
import { messageOf, RelayError } from '../base/errors.ts'
import { newKeyFile } from '../base/keyring.ts'
import { SystemRandom } from '../base/random.ts'
import {
  addApiKey,
  type MadeApiKey,
  type NewApiKey,
} from '../records/credentials/api-key-service.ts'
import { installationScope } from '../records/tenant-scope.ts'
import { addTenant } from '../records/tenant-service.ts'
import type { Config } from './config/config.ts'
import { parseConfig } from './config/load-config.ts'
import { openRecords } from './records.ts'
import { makeCertificate } from './self-signed-certificate.ts'

export interface InstallationOptions {
  /** Of configuration, key file and certificate. Made where it is not there. */
  readonly folder: string
  readonly hostname: string
  readonly dataDir: string
}

/** What some clients still take at most. */
const CERTIFICATE_LIFETIME = days(825)

export interface Installation {
  readonly config: Config
  /** The first key of the API, for everything. It is nowhere else. */
  readonly adminKey: MadeApiKey
}

/** Throws `RLY_INSTALLED` where something is there already. */
export async function makeInstallation(options: InstallationOptions): Promise<Installation> {
  const folder = resolve(options.folder)
  const config = parseConfig(
    configText({ ...options, folder, dataDir: resolve(options.dataDir) }),
    join(folder, 'posthaste.toml'),
  )
  refuseToOverwrite(config)
  const made: string[] = []
  try {
    makeFolder(folder, made)
    makeFolder(config.dataDir, made)
    for (const [file, text, mode] of await filesOf(config)) {
      writeFileSync(file, text, { mode, flag: 'wx' })
      made.push(file)
    }
    await using records = await openRecords(config)
    await addTenant(records, { id: 'default', name: 'Default', retry: config.retry })
    return { config, adminKey: await addApiKey(records, installationScope, firstKey) }
  } catch (thrown) {
    // A folder that is closed to us, a full disk.
    for (const path of made.reverse()) rmSync(path, { recursive: true, force: true })
    if (thrown instanceof RelayError) throw thrown
    throw new RelayError('RLY_INSTALL_FAILED', `nothing was set up: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  }
}

const firstKey: NewApiKey = {
  label: 'made by init',
  scopes: ['admin'],
  allowedFrom: [],
  expiresAt: null,
  ofInstallation: true,
}

function refuseToOverwrite({ file, keyFile, dataDir, certificates }: Config): void {
  const pairs = certificates.flatMap(({ cert, key }) => [cert, key])
  const there = [file, keyFile, ...pairs].filter((path) => existsSync(path))
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) there.push(dataDir)
  if (there.length > 0)
    throw new RelayError(
      'RLY_INSTALLED',
      `nothing was set up, for there is already ${there.join(', ')}; name another folder with --dir, or remove what is not wanted`,
    )
}

/** `made` gets the topmost folder that was not there. */
function makeFolder(folder: string, made: string[]): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (first !== undefined) made.push(first)
}

type NewFile = readonly [file: string, text: string, mode: number]

async function filesOf(config: Config): Promise<readonly NewFile[]> {
  const random = new SystemRandom()
  const certificate = await makeCertificate(
    {
      commonName: config.hostname,
      names: ['localhost'],
      addresses: ['127.0.0.1', '::1'],
      lifetime: CERTIFICATE_LIFETIME,
    },
    new SystemClock(),
    random,
  )
  return [
    [config.keyFile, newKeyFile(random), 0o600],
    ...config.certificates.flatMap((files): NewFile[] => [
      [files.key, certificate.key, 0o600],
      [files.cert, certificate.cert, 0o644],
    ]),
    [config.file, configText({ ...config, folder: resolve(config.file, '..') }), 0o644],
  ]
}

function configText({ folder, hostname, dataDir }: InstallationOptions): string {
  const quoted = (text: string) => JSON.stringify(text)
  const inFolder = (name: string) => quoted(join(folder, name))
  return `# Posthaste. Every key there is, with its default: config/posthaste.example.toml.
# After a change: "posthaste config check", then send the relay a SIGHUP.

# Full name of this host, as receivers see it. It should resolve to this host's address and back.
hostname = ${quoted(hostname)}

# Accepted mail, events and records.
data_dir = ${quoted(dataDir)}

# Seals secrets at rest. Back it up apart from the data.
key_file = ${inFolder('posthaste.key')}

# Where applications hand in mail, with STARTTLS and AUTH. "0.0.0.0:587" for other machines.
[[listener]]
name = "submission"
addresses = ["127.0.0.1:2525"]

# Where other servers bring what comes back: bounces, complaints, wishes to get no more. The MX of your bounce domains leads here;
# "0.0.0.0:25" for the world.
[[listener]]
name = "inbound"
role = "inbound"
addresses = ["127.0.0.1:2526"]
max_sessions = 500

# Who reads what people write to abuse@ and postmaster@, and in answer to your mail. Without it they are told that nobody does.
#[feedback]
#forward_to = "you@example.com"

# Shown in TLS handshakes.
[[certificate]]
cert = ${inFolder('tls.crt')}
key = ${inFolder('tls.key')}

# /healthz, /readyz and /metrics.
[operations]
address = "127.0.0.1:8025"

# The HTTP API, for programs with keys: posthaste key add.
[api]
address = "127.0.0.1:8026"

# Everything through one host, for a start (a smart host):
#[[route]]
#domain = "*"
#host = "smtp.example.net"
#port = 25
`
}
