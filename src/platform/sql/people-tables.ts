// SPDX-License-Identifier: Apache-2.0
/** People and their sessions over their tables. */
import type { Kysely } from 'kysely'
import type { PersonRecords } from '../../records/people/person.ts'
import type { SessionRecords } from '../../records/people/session.ts'
import { personOf, personRowOf } from './person-row.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

export function people(db: Kysely<Tables>, writes: Writes): PersonRecords {
  const all = () => db.selectFrom('people').selectAll()
  return {
    list: async () => (await all().orderBy('id').execute()).map(personOf),
    find: async (id) => {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : personOf(row)
    },
    byEmail: async (email) => {
      const rows = await all()
        .where('email', '=', email)
        .orderBy('createdAt')
        .orderBy('id')
        .execute()
      return rows.map(personOf)
    },
    byIdentity: async (issuer, subject) => {
      const row = await all()
        .where('oidcIssuer', '=', issuer)
        .where('oidcSubject', '=', subject)
        .executeTakeFirst()
      return row === undefined ? null : personOf(row)
    },
    put: (person) => {
      const row = personRowOf(person)
      return writes.put(`person ${person.email}`, () =>
        db
          .insertInto('people')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute(),
      )
    },
    remove: (id) =>
      writes.remove(`person ${id} is still in use`, () =>
        db.deleteFrom('people').where('id', '=', id).executeTakeFirst(),
      ),
  }
}

export function sessions(db: Kysely<Tables>): SessionRecords {
  return {
    find: async (tokenSha256) => {
      const session = await db
        .selectFrom('sessions')
        .selectAll()
        .where('tokenSha256', '=', tokenSha256)
        .executeTakeFirst()
      if (session === undefined) return null
      const person = await db
        .selectFrom('people')
        .selectAll()
        .where('id', '=', session.person)
        .executeTakeFirst()
      return person === undefined ? null : { session, person: personOf(person) }
    },
    of: (person) =>
      db
        .selectFrom('sessions')
        .selectAll()
        .where('person', '=', person)
        .orderBy('createdAt')
        .orderBy('id')
        .execute(),
    put: async (session) => {
      await db
        .insertInto('sessions')
        .values(session)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(session))
        .execute()
    },
    remove: async (id) => {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    removeOf: async (person, except) => {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('person', '=', person)
        .$if(except !== null, (some) =>
          some.where('id', '!=', except as NonNullable<typeof except>),
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    removeOlder: async (seenBefore, endedBy) => {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where((each) => each.or([each('seenAt', '<', seenBefore), each('endsAt', '<=', endedBy)]))
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
