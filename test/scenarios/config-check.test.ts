// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CommandLine } from '../support/command-line.ts'

describe('posthaste config check', () => {
  let shell: CommandLine
  let file: string
  /** Of the last line as `init` wrote it. */
  let lastLine: number

  beforeEach(async () => {
    shell = await CommandLine.open()
    await shell.init('relay.example.com')
    file = join(shell.folder, 'posthaste.toml')
    lastLine = readFileSync(file, 'utf8').split('\n').length - 1
  })
  afterEach(() => shell[Symbol.asyncDispose]())

  async function problems(): Promise<readonly string[]> {
    const { code, stdout, stderr } = await shell.run('config', 'check', '--json')
    assert.deepEqual([code, stdout], [78, ''])
    const { error } = JSON.parse(stderr)
    assert.equal(error.code, 'RLY_CONFIG_INVALID')
    return error.message.replaceAll(`${shell.folder}/`, '').split('\n')
  }

  it('names file, line, key, what was expected and the nearest name, for all mistakes at once', async () => {
    appendFileSync(file, '[delivery]\nidel = "5s"\ntls = "oportunistic"\n')
    assert.deepEqual(await problems(), [
      `posthaste.toml:${lastLine + 2}: delivery.idel: unknown key; did you mean "idle"?`,
      `posthaste.toml:${lastLine + 3}: delivery.tls: found "oportunistic", expected "opportunistic" or "require" or "verify" or "none"; did you mean "opportunistic"?`,
    ])
    const shown = await shell.run('config', 'check')
    assert.match(shown.stderr, /^posthaste: .*posthaste\.toml:\d+: delivery\.idel: unknown key/)
  })

  it('stops every command that reads the configuration', async () => {
    appendFileSync(file, 'nonsense\n')
    const { code, stderr } = await shell.run('tenant', 'list')
    assert.equal(code, 78)
    assert.match(
      stderr,
      new RegExp(`posthaste\\.toml:${lastLine + 1}: column \\d+: this is not TOML`),
    )
  })

  it('finds files that are missing, open to others, or something else', async () => {
    rmSync(join(shell.folder, 'tls.crt'))
    writeFileSync(join(shell.folder, 'tls.key'), 'not a key')
    chmodSync(join(shell.folder, 'posthaste.key'), 0o644)
    const found = await problems()
    assert.equal(found.length, 3)
    assert.match(found[0] ?? '', /: key_file: the key file .* is open to others; run: chmod 600 /)
    assert.match(found[1] ?? '', /: certificate\.cert: tls\.crt is not there/)
    assert.match(found[2] ?? '', /: certificate\.key: tls\.key holds no PEM of a private/)
  })

  it('finds a data directory that is not there', async () => {
    rmSync(join(shell.folder, 'data'), { recursive: true })
    assert.match((await problems()).join('\n'), /: data_dir: data is not there; "posthaste init"/)
  })

  it('finds a source whose address is not of this machine', async () => {
    appendFileSync(file, '[[source]]\nname = "out"\naddress = "192.0.2.1"\n')
    assert.match(
      (await problems()).join('\n'),
      new RegExp(
        `:${lastLine + 3}: source\\.address: found "192\\.0\\.2\\.1", expected an address of this machine`,
      ),
    )
  })

  it('finds streams whose pool is not there, and pools for tenants that are not', async () => {
    const pool = (name: string, more = '') =>
      `[[pool]]\nname = "${name}"\nsource = [{ name = "default" }]\n${more}`
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, `${before}${pool('news')}`)
    const refused = await shell.run('stream', 'change', 'bulk', '--pool', 'nwes')
    assert.match(refused.stderr, /there is no pool "nwes".*did you mean "news"\?/)
    await shell.json('stream', 'change', 'bulk', '--pool', 'news')
    writeFileSync(file, `${before}${pool('newer', 'tenant = ["defualt"]\n')}`)
    const found = (await problems()).join('\n')
    assert.match(found, /: pool\.tenant: no tenant "defualt"; did you mean "default"\?/)
    assert.match(
      found,
      /: pool: stream "bulk" of tenant "default": there is no pool "news" in the configuration; did you mean "newer"\?/,
    )
  })

  it('finds tenants that no record has', async () => {
    appendFileSync(file, '[[trusted]]\nnetwork = "10.0.0.0/8"\ntenant = "defualt"\n')
    assert.deepEqual(await problems(), [
      `posthaste.toml:${lastLine + 3}: trusted.tenant: no tenant "defualt"; did you mean "default"?`,
    ])
  })

  it('finds a key file that did not seal the keys', async () => {
    await shell.json('domain', 'add', 'example.com')
    writeFileSync(join(shell.folder, 'posthaste.key'), `1 ${'ab'.repeat(32)}\n`)
    assert.match((await problems()).join('\n'), /: key_file: the key file did not seal dkim:ph/)
  })

  it('says what the kernel should allow several workers, and nothing of that to one process', async () => {
    const setting = '/proc/sys/net/ipv4/tcp_migrate_req'
    const handsOver = existsSync(setting) && readFileSync(setting, 'utf8').trim() === '1'
    const says = async (workers: string): Promise<boolean> => {
      const checked = (await shell.json('config', 'check', '--workers', workers)) as {
        readonly valid: boolean
        readonly advice: readonly string[]
      }
      assert.equal(checked.valid, true)
      return checked.advice.some((each) => each.includes('replacing a worker'))
    }
    assert.deepEqual([await says('2'), await says('1')], [!handsOver, false])
  })
})
