// SPDX-License-Identifier: Apache-2.0
/** Words about the address: nobody of that name, no such domain, a form that is wrong, or a mailbox that is not for us. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfAddress: readonly PhraseRule[] = [
  {
    name: 'closed-recipient',
    class: 'closed-recipient',
    says: phrases(`
      not authorized to send to | not authorised to send to | not allowed to send to
      not permitted to send to | not allowed to post | not authorized to post | permission to post
      post messages to the group | posting to + group | only accepts mail from
      only accepts messages from | restricted to | delivery restricted | recipient + restricted
      members only | only {members,subscribers} {may,can} | moderated group | your email to group | refused by recipient
      rejected by recipient | rejected by the recipient | rejected by recipients
      rejected by user | recipient has blocked | blocked by recipient
      recipient's blocked senders | blocked by the recipient | manually blocked
      sender is on + block | not on + whitelist | not in + whitelist | not whitelisted
      not on bypass list | challenge response | confirm your message | administrative prohibition
      policy rejection on the target address | refuse to receive mail
    `),
  },
  {
    name: 'null-mx',
    class: 'accepts-no-mail',
    says: phrases(`
      null mx | nullmx* | rfc7505 | rfc 7505 | no smtp service | indicated no smtp service
      does not accept mail | does not accept email | doesn't accept mail | doesn't accept email
      does not receive email | doesn't receive email | no mx record | no mx for | no mx found
      no mx hosts | no valid mx | no mx or a record{s,} | has no mail server | has no mx | missing mx | without mx | domain + accepts no mail
    `),
    unless: ['sender', 'sender address', 'network'],
  },
  {
    name: 'no-such-domain',
    class: 'no-such-domain',
    says: phrases(`
      {host,domain,domain name,mail domain,recipient domain} {is ,}{unknown,not found,invalid,nonexistent,non-existent} | domain is not reachable
      {unknown,no such,bad,invalid,nonexistent,non-existent,unrouteable,unroutable,unrouteable mail,unroutable mail} {host,domain}{ name,}
      domain {name ,}{does not exist,doesn't exist,not exist,must exist,not in dns} | domain + {does not exist,not exist*,must exist}
      nonexistentdomain* | nxdomain | dns lookup failure: host + not found | illegal host/domain name | domain + {could not,not} be found | {unable to,couldn't,could not} find {the ,recipient ,}domain
      find the recipient domain | recipient domain + not | domain lookup failed | bad destination {system,host}
      account or domain may not exist | tenant or domain not found | domain mentioned in + is unknown
      host or domain name not found | name or service not known | specified domain + {does not,not} exist
      domaine + {inexistant,inconnu} | domain {unbekannt,existiert nicht} | dominio + {no existe,inesistente,nao existe,inexistente,desconocido}
      {domena,domena} + nie istnieje | домен + {не найден,не существует} | {域名,网域}不存在 | ドメイン + {存在しない,存在しません}
    `),
    unless: phrases(`
      sender | temporar* | try again later | found, try again | name server | malformed or unexpected name server reply | mx + servfail
    `),
  },
  {
    name: 'no-such-domain-by-name-server',
    class: 'no-such-domain',
    says: phrases(`
      host unknown + name server | host not found + name service error
      host unknown + authoritative answer*
    `),
    unless: ['try again', 'lookup failure'],
  },
  {
    // RFC 5321 §4.2.3 has these words for a mailbox that is busy or locked, too.
    name: 'mailbox-unavailable-now',
    class: 'receiver-trouble',
    says: phrases(`mailbox {is ,}{busy,unavailable,locked,in use}`),
    on: 4,
  },
  {
    name: 'no-such-mailbox',
    class: 'no-such-mailbox',
    says: phrases(`
      {user,username,user name,recipient,mailbox,mail box,account,address,addressee,alias,email,email address,recipient address,user's email name,userid} {is ,was ,}{unknown,not found,not known,not exist,not exists,does not exist,doesn't exist,did not exist,not recognized,unrecognized,invalid,not valid,nonexistent,non-existent,not available,unavailable,not present,not listed,undeliverable,missing,not local}
      {recipient,mailbox,user} {is ,}not accepted
      {unknown,no such,invalid,nonexistent,non-existent,non existent,non-existing,unrecognized,undeliverable,unavailable,unroutable,unrouteable,wrong,bad,dead} {user*,virtual user,local user,mail user,recipient,recipients,mailbox,mail box,account,address,email,e-mail,person,alias,local part,local-part,localpart,addressee} | no such id
      unknown {or illegal alias,to} | unknown local | unknown or invalid
      no {mailbox,mail-box,mail box,account,user,one,body,person} {here ,}by that name | no {mailbox,account,user} {here,with that name,for that name,available for this user}
      nobody {by that name,here} | no one at this address | there is no {one,such,user,mailbox,account} | no {recipients,account found}
      {doesn't,does not} have {a,an} + account | have an account here | has no {mailbox,account} {here,on}
      {doesn't,does not,do not,did not,don't} exist | not exist{s,ing,} | may not exist | {couldn't,could not,cannot,can't} be found
      {recipient,user} name {is ,}not {recognized,recognised,known} | misspelled or has been deleted | no such list
      no longer {exists,valid,in use,used,available,with,here,a valid,employed,works} | has left the {company,organisation,organization} | wrong or no longer valid
      invalid final delivery userid | not a {valid,known} {user,mailbox,recipient,address,email address,account,user here}
      {is ,}not {a known user,known here,known at,our customer,our user,user of this server,a user here,a user,a local address,a local user} | not valid recipient
      not listed in {domino,public,the,our} + {directory,address book} | not {listed ,}in {directory,address book,the directory,our directory,our database,recipient table,local recipient table,virtual mailbox table,my validrcptto list} | not on the recipient list
      user not listed | not listed in public name | not listed in domino directory
      unable to find {user,recipient,mailbox,account} | {cannot,can not,can't} {find,accept} {user,recipient} | destination addresses were unknown
      destination {server ,mailbox ,}{rejected recipients,not found} | check if address is correct | check the {address,recipient} | bad rcpt to
      badrcptto* | my badrecipientto list | envelope recipient {has been denied,is in my badrcptto list} | may contain a non-existent account
      recipient {is not,does not} exist | recipient verification failed | recipient address rejected: {access denied,invalid user,unknown user,user unknown,undeliverable address} | not have a final email delivery point
      this address + {wrong,no longer} | the following recipient{s,} was undeliverable | vdeliver: invalid or unknown
      {utilisateur,destinataire,adresse,boite,compte,usager} + {inconnu*,inexistant*,invalide,introuvable} | n'existe pas
      {empfanger,benutzer,adresse,postfach,mailbox,user} {ist ,}{unbekannt,nicht bekannt,nicht gefunden,nicht vorhanden,existiert nicht,ungultig} | unbekannte{r,} {empfanger,benutzer,adresse}
      existiert nicht | nicht gefunden | {usuario,destinatario,cuenta,buzon,direccion,casilla,usuari} + {desconocid*,inexistente,no existe,invalid*,no encontrad*,no valid*}
      no existe | {usuario,destinatario,conta,caixa postal,endereco} + {inexistente,nao existe,desconhecid*,invalid*,nao encontrad*} | nao existe
      {utente,destinatario,casella,indirizzo,account} + {sconosciut*,inesistente,non esiste,non valid*} | non esiste | nessun utente
      {gebruiker,adres,ontvanger,mailbox} {is ,}{onbekend,bestaat niet} | onbekend{e,} {gebruiker,adres,ontvanger} | bestaat niet
      nie ma takiego {uzytkownika,adresu,konta} | nie istnieje | {nieznany,brak} {uzytkownik*,adresat*,odbiorca,konta} | neexistuje | {neznamy,nezname} {uzivatel,prijemce} | nem letezik
      {ismeretlen,nem letezo} {felhasznalo,cimzett} | finns inte | findes ikke | finnes ikke | {ei loydy,ei ole olemassa} | {utilizatorul,destinatarul,adresa} + nu exista | δεν υπαρχει | αγνωστος παραληπτης | {okand,ukendt,ukjent} {anvandare,mottagare,bruger,bruker,mottaker} | tuntematon
      {kullanici,alici} + {bulunamadi,mevcut degil} | boyle bir kullanici yok | {пользователь,адресат,получатель,ящик} + {не найден,не существует,неизвестен}
      нет такого {пользователя,адреса,ящика} | такого {пользователя,адреса} нет | не существует
      {用户,用戶,收件人,帐号,账号,账户,帐户,邮箱,地址,收件地址,使用者,信箱,邮件地址}{不存在,未找到,无效} | 查无此人
      宛先不明 | {宛先,ユーザー,ユーザ,メールアドレス,アカウント} + {見つかりません,存在しません,存在しない,不明} | {존재하지 않는,없는 사용자,찾을 수 없습니다}
    `),
    unless: phrases(`
      sender | sender address | domain of sender address | temporarily unavailable | procmail* | pipe to | unable to find + server
      {requested action,requested mail action} not taken: mailbox unavailable
      mx records | can't determine | ip address | client host | your ip | header | helo | ehlo | hostname | from: address
    `),
  },
  {
    name: 'bad-address',
    class: 'bad-address',
    says: phrases(`
      bad address syntax | bad recipient address syntax | bad destination mailbox address syntax
      invalid address syntax | address syntax | malformed recipient | malformed local part
      not a valid rfc-5321 address | not a valid rfc | address is malformed | illegal address
      invalid characters in + address | mailbox name not allowed | bad destination mailbox address
      bad recipient
    `),
    unless: ['sender', 'header', 'this address has been ignored'],
  },
]
