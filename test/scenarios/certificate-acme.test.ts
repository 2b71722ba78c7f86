// SPDX-License-Identifier: Apache-2.0
/** Certificates of an authority by ACME: ordered at the start, renewed in time, and a failure is said and tried again. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { acmeCertificateFile } from '../../src/app/acme/acme-file.ts'
import { AcmeRenewal } from '../../src/app/acme/acme-renewal.ts'
import { makeInstallation } from '../../src/app/installation.ts'
import { LiveConfig } from '../../src/app/live-config.ts'
import {
  type DurationMs,
  days,
  type Instant,
  minutes,
  ms,
  plus,
  seconds,
} from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { RunningPebble, skipWithoutPebble } from '../support/running-pebble.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const skip = skipWithoutPebble
const NAMES = ['relay.example.com', 'smtp.example.com'] as const

test('A relay orders a certificate and shows it, and what it had before until then', {
  skip,
}, async () => {
  await using pebble = await RunningPebble.start(...NAMES)
  await using relay = await RunningRelay.start({
    config: pebble.config(...NAMES),
    environment: { ...process.env, NODE_EXTRA_CA_CERTS: pebble.authorityFile },
  })
  const event = await relay.waitForEvent(
    ({ type }) => type.startsWith('certificate.re'),
    seconds(60),
  )
  assert.equal(event.type, 'certificate.renewed', JSON.stringify(event))
  await using dialog = await SmtpDialog.open(relay.port)
  await dialog.reply()
  await dialog.say('EHLO client.example')
  await dialog.say('STARTTLS')
  await dialog.secure({ servername: 'smtp.example.com' })
  const certificate = dialog.peerCertificate
  assert.match(certificate.issuer, /Pebble Intermediate/)
  assert.ok(NAMES.every((name) => certificate.checkHost(name)))
  assert.equal(statSync(acmeCertificateFile(relay.dataDir)).mode & 0o777, 0o600)
  assert.doesNotMatch(relay.log, /"level":"error"/)
})

test('Without its authority a relay serves with what it has, and says that it got none', {
  skip,
}, async () => {
  await using relay = await RunningRelay.start({
    config: `[acme]\nnames = ["relay.example.com"]\ndirectory = "https://127.0.0.1:1/dir"\nhttp = "127.0.0.1:0"\n`,
  })
  const event = await relay.waitForEvent(({ type }) => type === 'certificate.renewal-failed')
  assert.match(JSON.stringify(event), /no certificate for relay\.example\.com from https:/)
  await using dialog = await SmtpDialog.open(relay.port)
  await dialog.reply()
  assert.match(await dialog.say('EHLO client.example'), /STARTTLS/)
})

test('It is renewed when a third of its life is left, with another key, and for other names at once', {
  skip,
}, async () => {
  await using pebble = await RunningPebble.start(...NAMES)
  await using stage = await staged(pebble, 'relay.example.com')
  await stage.renewal.look()
  assert.deepEqual(stage.said.splice(0), ['certificate.renewed'])
  const first = stage.certificate()
  const life = first.validToDate.getTime() - first.validFromDate.getTime()
  stage.clock.skip(ms(life * 0.6))
  await stage.renewal.look()
  assert.deepEqual(stage.said, [])
  stage.clock.skip(ms(life * 0.1))
  await stage.renewal.look()
  assert.deepEqual(stage.said.splice(0), ['certificate.renewed'])
  const second = stage.certificate()
  assert.notEqual(second.serialNumber, first.serialNumber)
  assert.notDeepEqual(
    second.publicKey.export({ format: 'jwk' }),
    first.publicKey.export({ format: 'jwk' }),
  )
  // Of the new one two thirds are gone by this clock too; with other names it is due in any case.
  stage.rename('smtp.example.com')
  await stage.renewal.look()
  assert.ok(stage.certificate().checkHost('smtp.example.com'))
})

test('A name that does not lead here fails, is said, and is tried again later and later', {
  skip,
}, async () => {
  await using pebble = await RunningPebble.start('other.example.com')
  await using stage = await staged(pebble, 'relay.example.com')
  await stage.renewal.look()
  assert.deepEqual(stage.said.splice(0), ['certificate.renewal-failed'])
  assert.match(stage.texts.join(), /the authority does not believe a name: invalid/)
  assert.equal(existsSync(acmeCertificateFile(stage.dataDir)), false)
  for (const [wait, isTried] of [
    [minutes(14), false],
    [minutes(2), true],
    [minutes(59), false],
    [minutes(2), true],
    [days(0.2), false],
  ] as const) {
    stage.clock.skip(wait)
    await stage.renewal.look()
    assert.equal(stage.said.splice(0).length, isTried ? 1 : 0)
  }
})

/** Time goes on by itself, and by leaps. */
class LeapingClock extends SystemClock {
  #leapt = ms(0)

  override now(): Instant {
    return plus(super.now(), this.#leapt)
  }

  skip(time: DurationMs): void {
    this.#leapt = ms(this.#leapt + time)
  }
}

async function staged(pebble: RunningPebble, name: string) {
  setDefaultCACertificates([
    ...getCACertificates('default'),
    readFileSync(pebble.authorityFile, 'utf8'),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'acme-'))
  const dataDir = join(folder, 'data')
  const { config } = await makeInstallation({ folder, hostname: 'relay.example.com', dataDir })
  const { file } = config
  appendFileSync(file, pebble.config(name))
  const live = LiveConfig.load(file)
  const clock = new LeapingClock()
  const said: string[] = []
  const texts: string[] = []
  const announce = (type: string, text: string): void => {
    said.push(type)
    texts.push(text)
  }
  return {
    clock,
    dataDir,
    said,
    texts,
    renewal: new AcmeRenewal({ live, clock, announce, onRenewed: () => live.refreshTls() }),
    certificate: () => new X509Certificate(readFileSync(acmeCertificateFile(dataDir))),
    rename(other: string): void {
      const text = readFileSync(file, 'utf8').replace(`names = ["${name}"]`, `names = ["${other}"]`)
      writeFileSync(file, text)
      live.reload()
    },
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true })
    },
  }
}
