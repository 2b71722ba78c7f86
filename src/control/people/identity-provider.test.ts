// SPDX-License-Identifier: Apache-2.0
/** Which grant fits whom. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grantFor, type OidcGrant, type ProvenIdentity } from './identity-provider.ts'

const ann: ProvenIdentity = {
  issuer: 'https://login.example.com',
  subject: 's1',
  email: 'ann@example.com',
  name: null,
  groups: ['staff', 'ops'],
}

function grant(given: Partial<OidcGrant>): OidcGrant {
  const nothing = { subject: null, email: null, emailDomain: null, group: null }
  return { ...nothing, role: 'reader', tenant: null, ...given }
}

for (const [what, given, fits] of [
  ['a subject', { subject: 's1' }, true],
  ['another subject', { subject: 'S1' }, false],
  ['an address, whatever its case', { email: 'Ann@Example.com' }, true],
  ['a domain', { emailDomain: 'Example.com' }, true],
  ['the end of a domain', { emailDomain: 'ample.com' }, false],
  ['a domain above', { emailDomain: 'com' }, false],
  ['a group', { group: 'ops' }, true],
  ['a group by a part of its name', { group: 'op' }, false],
  ['two things of which one is another', { group: 'ops', emailDomain: 'other.example' }, false],
  ['two things that are both so', { group: 'ops', subject: 's1' }, true],
] as const)
  test(`A grant to ${what} ${fits ? 'fits' : 'does not fit'}`, () => {
    assert.equal(grantFor([grant(given)], ann) !== null, fits)
  })

test('Without a verified address no grant to one fits; of several the first counts', () => {
  const nameless = { ...ann, email: null }
  assert.equal(grantFor([grant({ emailDomain: 'example.com' })], nameless), null)
  assert.equal(grantFor([grant({ email: 'ann@example.com' })], nameless), null)
  const first = grant({ group: 'staff', role: 'sender' })
  assert.equal(grantFor([grant({ group: 'x' }), first, grant({ group: 'ops' })], ann), first)
})
