// SPDX-License-Identifier: Apache-2.0
/**
 * Postfix for a test, with configuration, queue and log in a folder of its own, so that nothing of the system's is touched.
 * It takes mail from loopback on a free port. Its master process wants to be root.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seconds } from '../../src/base/brand.ts'
import { freePort, untilListening } from './free-port.ts'
import { inTime } from './in-time.ts'
import { programNamed, unlessInstalled } from './installed.ts'

/** Service, type, private, unprivileged, chroot, wakeup, maxproc, command. */
const SERVICES = `
pickup     unix  n  -  n  60   1  pickup
cleanup    unix  n  -  n  -    0  cleanup
qmgr       unix  n  -  n  300  1  qmgr
rewrite    unix  -  -  n  -    -  trivial-rewrite
bounce     unix  -  -  n  -    0  bounce
defer      unix  -  -  n  -    0  bounce
trace      unix  -  -  n  -    0  bounce
smtp       unix  -  -  n  -    -  smtp
error      unix  -  -  n  -    -  error
retry      unix  -  -  n  -    -  error
anvil      unix  -  -  n  -    1  anvil
tlsmgr     unix  -  -  n  1000 1  tlsmgr
proxymap   unix  -  -  n  -    -  proxymap
postlog    unix-dgram n - n -  1  postlogd
`

const PATIENCE = seconds(20)

/** For `skip`. */
export function unlessPostfixRuns(): string | false {
  if (process.getuid?.() !== 0) return 'Postfix can be started by root alone'
  return unlessInstalled('postfix')
}

export class RunningPostfix implements AsyncDisposable {
  readonly port: number
  readonly #folder: string

  /** `parameters`: lines of main.cf beside those that keep it in its folder. */
  static async start(parameters: Readonly<Record<string, string>>): Promise<RunningPostfix> {
    const folder = await mkdtemp(join(tmpdir(), 'posthaste-postfix-'))
    const postfix = new RunningPostfix(folder, await freePort())
    try {
      postfix.#configure(parameters)
      await postfix.#command('start')
      await untilListening(postfix.port, () => postfix.log())
      return postfix
    } catch (thrown) {
      await postfix[Symbol.asyncDispose]()
      throw thrown
    }
  }

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
  }

  /** What it has logged so far. */
  log(): string {
    const file = join(this.#folder, 'log')
    return existsSync(file) ? readFileSync(file, 'utf8') : '(no log)'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#command('abort').catch(() => {
      // It had not come up.
    })
    await rm(this.#folder, { recursive: true, maxRetries: 5 })
  }

  #configure(parameters: Readonly<Record<string, string>>): void {
    // Its processes give up root, and must still get here. It makes the data folder itself.
    chmodSync(this.#folder, 0o755)
    mkdirSync(join(this.#folder, 'etc'))
    mkdirSync(join(this.#folder, 'queue'))
    const main = {
      compatibility_level: '3.6',
      myhostname: 'postfix.localhost',
      mydestination: '',
      mynetworks: '127.0.0.0/8',
      inet_interfaces: '127.0.0.1',
      inet_protocols: 'ipv4',
      smtp_dns_support_level: 'disabled',
      alias_maps: '',
      local_recipient_maps: '',
      queue_directory: join(this.#folder, 'queue'),
      data_directory: join(this.#folder, 'data'),
      maillog_file: join(this.#folder, 'log'),
      maillog_file_prefixes: this.#folder,
      ...parameters,
    }
    const lines = Object.entries(main).map(([name, value]) => `${name} = ${value}\n`)
    writeFileSync(join(this.#folder, 'etc', 'main.cf'), lines.join(''))
    const listener = `127.0.0.1:${this.port} inet n - n - - smtpd\n`
    writeFileSync(join(this.#folder, 'etc', 'master.cf'), listener + SERVICES)
  }

  /** Its daemons keep what they inherit, so output goes to the log and not to a pipe that would never close. */
  async #command(name: string): Promise<void> {
    const log = openSync(join(this.#folder, 'log'), 'a')
    const args = ['-c', join(this.#folder, 'etc'), name]
    const child = spawn(programNamed('postfix') ?? 'postfix', args, {
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    const [code] = await inTime(once(child, 'exit'), PATIENCE, () => `postfix ${name} goes on`)
    if (code !== 0) throw new Error(`postfix ${name} ended with ${code}:\n${this.log()}`)
  }
}
