// SPDX-License-Identifier: Apache-2.0
/** Whether the files that a configuration names are there and fit for use. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { messageOf, systemCode } from '../../base/errors.ts'
import { canonicalAddress } from '../../protocol/ip-address.ts'
import { readKeyFile } from '../key-file.ts'
import { readPassword } from '../password-file.ts'
import type { Config } from './config.ts'
import type { KeyPath } from './key-lines.ts'
import type { Problem } from './problems.ts'

const INIT = '"posthaste init" makes one'

export function fileProblems(config: Config): Problem[] {
  return [
    ...problemIn(['key_file'], () => void readKeyFile(config.keyFile)),
    ...problemIn(['data_dir'], () => checkFolder(config.dataDir)),
    ...certificateProblems(config),
    ...authorityProblems(config),
    ...clientCaProblems(config),
    ...storeProblems(config),
    ...oidcProblems(config),
    ...config.sources.flatMap(({ localAddress }, at) => addressProblems(localAddress, at)),
    ...config.sources.flatMap(({ proxy }, at) => {
      const file = proxy?.passwordFile ?? null
      return file === null
        ? []
        : problemIn(['source', at, 'proxy', 'password_file'], () => void readPassword(file))
    }),
  ]
}

function problemIn(path: KeyPath, check: () => void): Problem[] {
  try {
    check()
    return []
  } catch (thrown) {
    // A check says by an error what it found.
    return [{ path, text: messageOf(thrown) }]
  }
}

function checkFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined) throw new Error(`${folder} is not there; ${INIT}`)
  if (!found.isDirectory()) throw new Error(`${folder} is a file, expected a folder`)
}

function certificateProblems({ certificates }: Config): Problem[] {
  return certificates.flatMap((files, at): Problem[] => {
    let certificate: X509Certificate | null = null
    let key: KeyObject | null = null
    const keyPath = ['certificate', at, 'key']
    const problems = [
      ...problemIn(['certificate', at, 'cert'], () => {
        certificate = readPem(files.cert, 'a certificate', (pem) => new X509Certificate(pem))
      }),
      ...problemIn(keyPath, () => {
        key = readPem(files.key, 'a private key', (pem) => createPrivateKey(pem))
      }),
    ]
    if (problems.length > 0) return problems
    return problemIn(keyPath, () => checkPair(certificate, key, files.cert))
  })
}

function clientCaProblems({ listeners }: Config): Problem[] {
  return listeners.flatMap(({ clientCa }, at): Problem[] => {
    if (clientCa === null) return []
    const read = () => void readPem(clientCa, 'a certificate', (pem) => new X509Certificate(pem))
    return problemIn(['listener', at, 'client_ca'], read)
  })
}

function authorityProblems({ delivery, store, webhooks }: Config): Problem[] {
  return [
    ...authorityProblem(['delivery', 'tls_ca'], delivery.tlsCa),
    ...authorityProblem(['store', 'tls_ca'], store.tlsCa),
    ...authorityProblem(['webhooks', 'tls_ca'], webhooks.tlsCa),
  ]
}

function authorityProblem(path: KeyPath, file: string | null): Problem[] {
  if (file === null) return []
  return problemIn(
    path,
    () => void readPem(file, 'a certificate', (pem) => new X509Certificate(pem)),
  )
}

function storeProblems({ store: { passwordFile } }: Config): Problem[] {
  if (passwordFile === null) return []
  return problemIn(['store', 'password_file'], () => void readPassword(passwordFile))
}

function oidcProblems({ login: { oidc } }: Config): Problem[] {
  const file = oidc?.clientSecretFile ?? null
  if (file === null) return []
  return problemIn(['login', 'oidc', 'client_secret_file'], () => void readPassword(file))
}

function checkPair(certificate: X509Certificate | null, key: KeyObject | null, file: string): void {
  if (certificate && key && !certificate.checkPrivateKey(key))
    throw new Error(`this is not the key of the certificate in ${file}`)
}

function readPem<T>(file: string, what: string, parse: (pem: Buffer) => T): T {
  let pem: Buffer
  try {
    pem = readFileSync(file)
  } catch (thrown) {
    // Whatever the file system says.
    if (systemCode(thrown) === 'ENOENT')
      throw new Error(`${file} is not there; ${INIT}`, { cause: thrown })
    throw new Error(`${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown })
  }
  try {
    return parse(pem)
  } catch (thrown) {
    // OpenSSL's words say little about what the file is.
    throw new Error(`${file} holds no PEM of ${what}`, { cause: thrown })
  }
}

function addressProblems(address: string | null, at: number): Problem[] {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  if (address === null) return []
  const canonical = canonicalAddress(address)
  if (own.some((known) => canonicalAddress(known.address) === canonical)) return []
  // Linux answers for the whole of 127/8.
  if (address.startsWith('127.')) return []
  const external = own.filter(({ internal }) => !internal).map((known) => known.address)
  return [
    {
      path: ['source', at, 'address'],
      text: `found "${address}", expected an address of this machine: ${external.join(', ')}`,
    },
  ]
}
