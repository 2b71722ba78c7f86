// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant, ms, seconds } from './brand.ts'
import {
  crockfordNumber,
  decodeCrockford,
  encodeCrockford,
  encodeFoldedCrockford,
} from './crockford.ts'
import { DeadlineWheel } from './deadline-wheel.ts'
import { RelayError } from './errors.ts'
import { newKeyFile, parseKeyFile } from './keyring.ts'
import { ManualClock } from './manual-clock.ts'
import { nearest } from './nearest.ts'
import {
  formatDuration,
  formatRate,
  formatSize,
  parseDuration,
  parseRate,
  parseSize,
} from './quantity.ts'
import { SeededRandom, SystemRandom, shuffled } from './random.ts'
import { Ring } from './ring.ts'

describe('A ring', () => {
  it('behaves as an array does at both ends', () => {
    const step = fc.oneof(fc.nat(), fc.constantFrom('shift' as const, 'unshift' as const))
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const ring = new Ring<number>()
        const model: number[] = []
        for (const what of steps) {
          if (what === 'shift') assert.equal(ring.shift(), model.shift())
          else if (what === 'unshift') {
            ring.unshift(-1)
            model.unshift(-1)
          } else {
            ring.push(what)
            model.push(what)
          }
          assert.equal(ring.peek(), model[0])
        }
        assert.deepEqual([...ring], model)
        assert.equal(ring.size, model.length)
      }),
    )
  })
})

describe('Crockford base 32', () => {
  it('gives back the octets, also where case was folded and look-alikes were typed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (some) => {
        const octets = Buffer.from(some)
        const text = encodeCrockford(octets)
        assert.equal(encodeFoldedCrockford(octets), text.toLowerCase())
        assert.deepEqual(decodeCrockford(text), octets)
        assert.deepEqual(
          decodeCrockford(text.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')),
          octets,
        )
      }),
    )
    assert.equal(decodeCrockford('U!'), null)
    assert.equal(crockfordNumber('U!', 2), null)
  })
})

describe('Quantities', () => {
  it('are read as people write them, and refused otherwise', () => {
    assert.equal(parseDuration('90m'), 5_400_000)
    assert.equal(parseDuration('1h 30m'), 5_400_000)
    assert.equal(parseDuration('90'), null)
    assert.equal(parseSize('25 MiB'), 26_214_400)
    assert.equal(parseSize('25 MB'), null)
    assert.deepEqual(parseRate('100/s'), { count: 100, per: 1_000, burst: 1 })
    assert.deepEqual(parseRate('1000/h burst 20'), { count: 1_000, per: 3_600_000, burst: 20 })
    for (const text of ['0/s', '10/s burst 0', '10/week', '10']) assert.equal(parseRate(text), null)
  })

  it('are written as people read them', () => {
    assert.deepEqual([450, 3_200, 720_000, 19_200_000, 273_600_000].map(formatDuration), [
      '450 ms',
      '3.2 s',
      '12 m',
      '5 h 20 m',
      '3 d 4 h',
    ])
    for (const text of ['100/s', '60/min', '1000/h burst 20', '2000/d']) {
      const rate = parseRate(text)
      assert.equal(rate && formatRate(rate), text)
    }
    assert.deepEqual([512, 4_096, 26_214_400].map(formatSize), ['512 B', '4.0 KiB', '25.0 MiB'])
  })
})

describe('The nearest name', () => {
  it('is the one that was meant, or none', () => {
    assert.equal(nearest('hostnme', ['hostname', 'data_dir']), 'hostname')
    assert.equal(nearest('zebra', ['hostname', 'data_dir']), null)
  })
})

describe('A manual clock', () => {
  it('fires what falls due in order, and jumps only on the wall', () => {
    const clock = new ManualClock(instant(0))
    const fired: string[] = []
    clock.after(seconds(2), () => fired.push('second'))
    clock.after(seconds(1), () => {
      fired.push('first')
      clock.after(seconds(0.5), () => fired.push('between'))
    })
    clock.after(seconds(1), () => fired.push('cancelled')).cancel()
    clock.advance(seconds(3))
    assert.deepEqual(fired, ['first', 'between', 'second'])
    clock.jump(seconds(60))
    assert.deepEqual([clock.now(), clock.monotonic()], [63_000, 3_000])
  })
})

describe('A deadline on the wheel', () => {
  it('fires once, not early and at most a granule or two late, however it was moved', () => {
    const clock = new ManualClock()
    const wheel = new DeadlineWheel(clock, ms(100))
    const fired: number[] = []
    const moved = wheel.deadline(() => fired.push(clock.monotonic()))
    const cleared = wheel.deadline(() => assert.fail('it was cleared'))
    moved.set(ms(1_000))
    cleared.set(ms(1_000))
    clock.advance(ms(500))
    moved.set(ms(1_000))
    cleared.clear()
    clock.advance(ms(5_000))
    assert.equal(fired.length, 1)
    assert.ok((fired[0] ?? 0) >= 1_500 && (fired[0] ?? 0) <= 1_700, `at ${fired[0]}`)
    moved.set(ms(300))
    moved.set(ms(50))
    clock.advance(ms(250))
    assert.equal(fired.length, 2, 'an earlier time counts too')
  })

  it('holds nothing of an owner that has ended it', () => {
    const wheel = new DeadlineWheel(new ManualClock(), ms(100))
    const deadline = wheel.deadline(() => assert.fail('it was ended'))
    deadline.set(ms(3_600_000))
    deadline.end()
    assert.equal(wheel.size, 0)
  })
})

describe('A keyring', () => {
  const random = new SystemRandom()

  it('opens what it sealed, for the same purpose alone', () => {
    const keyring = parseKeyFile(newKeyFile(random), 'key', random)
    const sealed = keyring.seal(Buffer.from('secret'), 'dkim:a')
    assert.equal(keyring.open(sealed, 'dkim:a').toString(), 'secret')
    assert.throws(() => keyring.open(sealed, 'dkim:b'), RelayError)
    const changed = Buffer.from(sealed)
    changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1
    assert.throws(() => keyring.open(changed, 'dkim:a'), RelayError)
  })

  it('still opens with an old key after a new one was added', () => {
    const first = newKeyFile(random)
    const sealed = parseKeyFile(first, 'key', random).seal(Buffer.from('secret'), 'x')
    const both = parseKeyFile(`${first}2 ${'ab'.repeat(32)}\n`, 'key', random)
    assert.equal(both.open(sealed, 'x').toString(), 'secret')
    assert.equal(both.seal(Buffer.from('s'), 'x')[0], 2)
  })

  it('names the line of a key file that is wrong', () => {
    assert.throws(() => parseKeyFile('1 abc\n', 'posthaste.key', random), /posthaste\.key:1/)
  })
})

describe('Chance', () => {
  it('is the same for the same seed, and a shuffle loses nothing', () => {
    const draw = () => shuffled([1, 2, 3, 4, 5], new SeededRandom(3))
    assert.deepEqual(draw(), draw())
    assert.deepEqual(draw().sort(), [1, 2, 3, 4, 5])
  })
})
