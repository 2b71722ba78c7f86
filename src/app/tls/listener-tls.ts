// SPDX-License-Identifier: Apache-2.0
/**
 * What the listeners show in handshakes, from the files that the configuration names. Read anew by a reload and when a file
 * has changed; handshakes from then on see it, sessions that are open go on.
 */
import { existsSync, readFileSync } from 'node:fs'
import { messageOf, RelayError } from '../../base/errors.ts'
import { type CertifiedKey, ServerTls } from '../../smtp/server-tls.ts'
import { acmeCertificateFile } from '../acme/acme-file.ts'
import type { Config } from '../config/config.ts'

export interface ListenersTls {
  /** By name. `null`: it offers no TLS. */
  readonly listeners: ReadonlyMap<string, ServerTls | null>
  /** `null`: the API is in the clear, or there is none. */
  readonly api: ServerTls | null
  /** `null`: what recipients reach is in the clear, or there is none. */
  readonly web: ServerTls | null
}

/** Throws `RLY_CONFIG_INVALID` where a file cannot be used. */
export function readListenersTls(config: Config, ticketKeys: Buffer | null): ListenersTls {
  const certificates = certificateFiles(config).map(({ cert, key }) => readPair(cert, key))
  const listeners = new Map(
    config.listeners.map((listener) => [
      listener.name,
      listener.tls === 'none' ? null : tlsOf(listener, certificates, ticketKeys),
    ]),
  )
  const plain = (name: string) => tlsOf({ name, clientCa: null }, certificates, ticketKeys)
  return {
    listeners,
    api: config.api?.tls ? plain('api') : null,
    web: config.web?.tls ? plain('web') : null,
  }
}

/** Those that are shown, the first to whoever asks for no name. */
export function certificateFiles({ acme, certificates, dataDir }: Config): Config['certificates'] {
  const file = acmeCertificateFile(dataDir)
  if (acme.names.length === 0 || !existsSync(file)) return certificates
  return [{ cert: file, key: file }, ...certificates]
}

function tlsOf(
  { name, clientCa }: { readonly name: string; readonly clientCa: string | null },
  certificates: readonly CertifiedKey[],
  ticketKeys: Buffer | null,
): ServerTls {
  try {
    const ca = clientCa === null ? null : readFileSync(clientCa, 'utf8')
    return new ServerTls({ certificates, clientCa: ca, ticketKeys })
  } catch (thrown) {
    // OpenSSL's or the file system's words.
    throw unusable(`the listener "${name}" cannot use TLS`, thrown)
  }
}

function readPair(cert: string, key: string): CertifiedKey {
  try {
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  } catch (thrown) {
    // The file system's words, which name the file.
    throw unusable('a certificate cannot be read', thrown)
  }
}

function unusable(what: string, thrown: unknown): RelayError {
  return new RelayError('RLY_CONFIG_INVALID', `${what}: ${messageOf(thrown)}`, { cause: thrown })
}
