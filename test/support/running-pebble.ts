// SPDX-License-Identifier: Apache-2.0
/** Pebble, Let's Encrypt's ACME server for tests, on loopback. It refuses every third nonce, and every name is this machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { freePort, untilListening } from './free-port.ts'
import { unpackedProgram } from './unpacked-program.ts'

const { files, skip } = await unpackedProgram('pebble')

export const skipWithoutPebble = skip

export class RunningPebble implements AsyncDisposable {
  readonly directory: string
  /** Where it looks for tokens. */
  readonly httpPort: number
  /** PEM: vouches for its own HTTPS. */
  readonly authorityFile: string
  readonly #child: ChildProcess
  readonly #zone: ZoneServer
  readonly #folder: string

  /** `names` are those that resolve. */
  static async start(...names: readonly string[]): Promise<RunningPebble> {
    if (files === null) throw new Error('pebble is not here')
    const folder = mkdtempSync(join(tmpdir(), 'pebble-'))
    const [port, managementPort, httpPort] = [await freePort(), await freePort(), await freePort()]
    const certificate = await makeCertificate(
      // Each a name of its own: among several authorities of one name OpenSSL may try the wrong one.
      { commonName: `pebble-${port}.example`, addresses: ['127.0.0.1'] },
      new SystemClock(),
      new SystemRandom(),
    )
    writeFileSync(join(folder, 'cert.pem'), certificate.cert)
    writeFileSync(join(folder, 'key.pem'), certificate.key)
    const pebble = {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate: join(folder, 'cert.pem'),
      privateKey: join(folder, 'key.pem'),
      httpPort,
      tlsPort: 1,
    }
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ pebble }))
    const zone = await ZoneServer.start({
      zone: names.map((name) => `${name} 60 A 127.0.0.1`).join('\n'),
    })
    const dns = `${zone.address}:${zone.port}`
    const args = ['-config', join(folder, 'config.json'), '-dnsserver', dns, '-strict']
    const child = spawn(files.path('usr/bin/pebble'), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '33' },
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
    await untilListening(port, () => log)
    return new RunningPebble(folder, child, zone, port, httpPort)
  }

  private constructor(
    folder: string,
    child: ChildProcess,
    zone: ZoneServer,
    port: number,
    httpPort: number,
  ) {
    this.#folder = folder
    this.#child = child
    this.#zone = zone
    this.directory = `https://127.0.0.1:${port}/dir`
    this.httpPort = httpPort
    this.authorityFile = join(folder, 'cert.pem')
  }

  /** `[acme]` for a relay. */
  config(...names: readonly string[]): string {
    return `[acme]\nnames = ${JSON.stringify(names)}\ndirectory = "${this.directory}"\nhttp = "127.0.0.1:${this.httpPort}"\ncontact = "postmaster@${names[0]}"\n`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
    await this.#zone[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true })
  }
}
