// SPDX-License-Identifier: Apache-2.0
/**
 * Postfix out of its unpacked package, with configuration, queue and log in a folder of its own. Its master process wants to be
 * root; its owner is the system's `daemon` and its set-gid group `operator`, so that no user is made.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { freePort, untilListening } from '../support/free-port.ts'
import { inTime } from '../support/in-time.ts'
import type { Unpacked } from './packages.ts'
import { openFolder, removeFolder } from './running-server.ts'

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

/** Of the packaged Postfix: `daemon` of Debian's base system, in a folder that it owns. */
const DAEMON_UID = 1

export interface PostfixSettings {
  /** Lines of main.cf beside those that keep it in its folder. */
  readonly main: Readonly<Record<string, string>>
  /** More listeners, each with options of its own: `-o name=value`. */
  readonly listeners?: readonly (readonly string[])[]
  /** Lines of master.cf. */
  readonly services?: string
}

export class RunningPostfix implements AsyncDisposable {
  /** Of the listeners, in the order of the settings. */
  readonly ports: readonly number[]
  readonly #folder: string
  readonly #unpacked: Unpacked

  static async start(unpacked: Unpacked, settings: PostfixSettings): Promise<RunningPostfix> {
    const listeners = settings.listeners ?? [[]]
    const ports = await Promise.all(listeners.map(freePort))
    const postfix = new RunningPostfix(unpacked, await openFolder('postfix'), ports)
    try {
      postfix.#configure(settings, listeners)
      await postfix.#command('start')
      for (const port of ports) await untilListening(port, () => postfix.log())
      return postfix
    } catch (thrown) {
      await postfix[Symbol.asyncDispose]()
      throw thrown
    }
  }

  private constructor(unpacked: Unpacked, folder: string, ports: readonly number[]) {
    this.#unpacked = unpacked
    this.#folder = folder
    this.ports = ports
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
    await removeFolder(this.#folder)
  }

  #configure(settings: PostfixSettings, listeners: readonly (readonly string[])[]): void {
    for (const name of ['etc', 'queue', 'data']) mkdirSync(join(this.#folder, name))
    chownSync(join(this.#folder, 'data'), DAEMON_UID, DAEMON_UID)
    const main = {
      compatibility_level: '3.6',
      command_directory: this.#unpacked.path('usr/sbin'),
      daemon_directory: this.#unpacked.path('usr/lib/postfix/sbin'),
      shlib_directory: this.#unpacked.path('usr/lib/postfix'),
      meta_directory: this.#unpacked.path('etc/postfix'),
      mail_owner: 'daemon',
      setgid_group: 'operator',
      import_environment: 'MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH SASL_PATH',
      myhostname: 'postfix.localhost',
      mydestination: '',
      local_transport: 'error:no local mail',
      mynetworks: '127.0.0.0/8',
      smtpd_relay_restrictions: 'permit_mynetworks, reject',
      smtpd_peername_lookup: 'no',
      inet_interfaces: '127.0.0.1',
      inet_protocols: 'ipv4',
      smtp_host_lookup: 'native',
      smtp_dns_support_level: 'disabled',
      alias_maps: '',
      alias_database: '',
      biff: 'no',
      queue_directory: join(this.#folder, 'queue'),
      data_directory: join(this.#folder, 'data'),
      maillog_file: join(this.#folder, 'log'),
      maillog_file_prefixes: this.#folder,
      ...settings.main,
    }
    const lines = Object.entries(main).map(([name, value]) => `${name} = ${value}\n`)
    writeFileSync(join(this.#folder, 'etc', 'main.cf'), lines.join(''))
    const ears = listeners.map((options, at) => {
      const words = options.map((option) => ` -o ${option}`).join('')
      return `127.0.0.1:${this.ports[at]} inet n - n - - smtpd${words}\n`
    })
    const services = [...ears, SERVICES, settings.services ?? ''].join('')
    writeFileSync(join(this.#folder, 'etc', 'master.cf'), services)
  }

  /** Its daemons keep what they inherit, so output goes to the log and not to a pipe that would never close. */
  async #command(name: string): Promise<void> {
    const log = openSync(join(this.#folder, 'log'), 'a')
    const program = this.#unpacked.path('usr/sbin/postfix')
    const child = spawn(program, ['-c', join(this.#folder, 'etc'), name], {
      env: this.#unpacked.environment,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    const [code] = await inTime(once(child, 'exit'), () => `postfix ${name} goes on`)
    if (code !== 0) throw new Error(`postfix ${name} ended with ${code}:\n${this.log()}`)
  }
}
