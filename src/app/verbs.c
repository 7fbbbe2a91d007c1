/* The verbs of the program, one row each: name, usage, help, function. Help and the manual page are printed
 * from here. */
#include <string.h>

#include "app_int.h"

const struct verb VERBS[] = {
	{ "console", "[-d DIR] [--as OPERATOR] [options]", "open the console (also without a verb)", verb_console,
		"  Screens, keys and the : line; `?` helps inside.\n"
		"  --as OPERATOR   who is under the cursor of the unlock frame\n"
		"  --theme NAME    colours: harbour, daylight, contrast, deutan, 16 or mono\n"
		"  --readonly      nothing can be signed; works where nothing may be written\n"
		"  --ascii         plain characters where others would do\n"
		"  --no-colour     no colour code is written, as with NO_COLOR; --plain says the same\n" },
	{ "demo", "[--keep DIR] [--plain]", "a recorded business day in a throw-away directory", verb_demo,
		"  Without a terminal it plays to the end at full speed and prints the day.\n"
		"  --keep DIR   leave the data directory for the other verbs\n"
		"  --plain      play to the end although there is a terminal\n" },
	{ "demo-record", "SEED DIR", "write the recording of the demonstration anew", verb_demo_record,
		"  The same seed gives the same files; those of demo/ are of seed 1.\n" },
	{ "init", "DIR --party ID --name NAME [options]", "make a new ledger", verb_init,
		"  --party ID            the funder whose book this is, capitals and digits\n"
		"  --name NAME           its name in full\n"
		"  --currency CUR        of the book (EUR)\n"
		"  --origin NAME         name of the ledger and of its checkpoints (wharf.ID in lower case)\n"
		"  --admin ID=NAME       an administrator, twice (adm.one, adm.two)\n"
		"  --passphrase-file F   one passphrase for the keys that are made; else each is asked for\n"
		"  Makes keys/root.key (root of trust: keep it apart once people are certified), keys/node.key with\n"
		"  keys/node.pass, a key for each administrator; then genesis, policy, processes and contracts.\n" },
	{ "deploy", "process|contract|policy FILE --as KEY [--hold HELD]", "put a file on the ledger", verb_deploy,
		"  The file is checked first; what is wrong is named by line. Pinned by its hash, for new instances.\n" },
	{ "send", "KIND [FIELD=VALUE…] --as KEY [--deal ID] [--from PARTY] [--file BODY.json] [--hold HELD]", "sign and send any event",
		verb_send, "  `wharf events` lists kinds, `wharf events KIND` their fields. --file - reads standard input.\n"
		"  For example: wharf send party.add id=HANSA kind=SUP name=\"Hansa Metall\" key=did:key:z6Mk… --as root\n"
		"  A field \"key\" takes 64 hex digits, a did:key, or @NAME for the public key of keys/NAME.key.\n" },
	{ "sign", "HELD --as KEY", "add a signature to an event that --hold wrote to a file", verb_sign,
		"  Shows in words what is signed and who signed before, then asks for the passphrase. Others sign the same\n"
		"  content: the order does not matter. Who must sign what: `wharf show endorse`.\n" },
	{ "submit", "HELD [--propose --as KEY]", "send an event with the signatures that it has collected", verb_submit,
		"  Refused as endorsements-few while some are missing; then collect those, and submit it again.\n"
		"  --propose   let it wait on the ledger instead: `wharf show proposal`, `wharf do endorse ID --as OPERATOR`\n" },
	{ "key", "list | new NAME | rotate|revoke|compromise HOLDER | recover PARTY [options]", "key files, and keys on the ledger",
		verb_key, "  new NAME [--full-name N] [--role R] [--party P]   asks for a passphrase, prints the did:key to be certified\n"
		"  rotate HOLDER --key @NEW --as KEY        a next key, by the old one or the party's; it takes over after a delay\n"
		"  rotate node                              the node's own; the next start uses it once it counts\n"
		"  revoke HOLDER --reason R --as KEY        the current key, or --old KEY; from now or --from INSTANT\n"
		"  compromise HOLDER --from INSTANT --reason R --as ADM   what it did since then is voided; two persons say it\n"
		"  recover PARTY --key @NEW --reason R --as OTHER         a lost root key, by a quorum of the other parties\n"
		"  What takes several persons is sent by each with the same words within a day. --device D names where a key lives.\n" },
	{ "check", "FILE…", "check processes, contracts, policies, themes without a ledger", verb_check,
		"  *.bpmn, *.lua, *.theme, policy *.json. Every fault with file and line; status 3 when there is one.\n" },
	{ "show", "[VIEW] [--json|--csv] [--where FIELD=VALUE] [--last N] [--as PERSON]", "any list, without a terminal", verb_show,
		"  Without VIEW: which lists there are. --as PERSON: only what that person may see.\n" },
	{ "do", "COMMAND… --as OPERATOR [--preview] [--hold HELD]", "any act, signed by a person's key", verb_do,
		"  The commands are those of the console's : line; `wharf help commands` lists them.\n"
		"  --preview             say what would follow, do nothing\n"
		"  --passphrase-file F   also WHARF_PASSPHRASE_FILE; else the terminal asks, without echo\n"
		"  Prints the number of the entry. For example: wharf do approve 4QM7 --as t.okafor\n" },
	{ "ingest", "--gateway GW FILE|- …", "take in EPCIS documents and device batches", verb_ingest,
		"  Each is judged, numbered, signed by the gateway's key (keys/GW.key) and spooled before anything is\n"
		"  sent; what cannot be sent now is sent next time. --spool FILE, --send-only, --offline.\n" },
	{ "poll", "[--every SECONDS] [--value NAME]", "ask the oracles' sources once, or again and again", verb_poll,
		"  Sources are in the policy: oracle.VALUE.sources, oracle.SOURCE.url. Each source is a party and\n"
		"  signs its answers: keys/SOURCE.key. Parties with effect.PARTY.url are sent their open effects.\n"
		"  --timeout MS (5000).\n" },
	{ "replay", "DIR [--group N|random] [--seed S]", "run the journal again, in other groups", verb_replay,
		"  Into a scratch ledger, committed every N entries (256), or 1 to 256 at random; with random it also\n"
		"  closes and reopens from a snapshot on the way. The digests are the same for any grouping.\n" },
	{ "verify", "DIR [--ledger [--no-signatures]] [--checkpoint FILE]", "re-execute everything and compare", verb_verify,
		"  Signatures, chain, Merkle tree, verdicts, outcomes, evidence, read models. Only a checkpoint that was\n"
		"  kept elsewhere shows that a journal was cut short. With --ledger nothing is executed: rows, digests,\n"
		"  links, tree and signatures, faster; that a verdict or an outcome is what its event does is then the\n"
		"  word of who signed the checkpoint. --no-signatures leaves out also these.\n" },
	{ "audit", "list [--last N] | replay ID", "decisions, and their bit-for-bit re-execution", verb_audit,
		"  `replay` shows the first difference, status 6, when there is one.\n" },
	{ "ledger", "checkpoint | prove | verify | export | tiles | cosign | witness | gather [options]",
		"proofs in the formats that others read", verb_ledger,
		"  Of the ledger in -d DIR; the formats are those of C2SP, see docs/verification.md.\n"
		"  checkpoint [-o FILE] [--cosigned] [--vkey]   the signed statement of length and root, to keep elsewhere;\n"
		"                        with the cosignatures that were gathered; or the key that verifies it\n"
		"  prove inclusion ENTRY [--json] [-o FILE]     a .tlog-proof with the leaf, checked before it is printed\n"
		"  prove consistency OLD [NEW] [--json] [-o FILE]   that NEW entries begin with the OLD ones, as witnesses take it\n"
		"  export DIR --entry N | --deal ID | --range A B [--as KEY]   entries with proofs and certificates, to verify\n"
		"                        anywhere; an auditor's is an entry first\n"
		"  tiles DIR             the whole tree as static files: tile/…, checkpoint\n"
		"  gather [--witness URL [--vkey V]] [--from FILE] [--as KEY]   cosignatures from the witnesses of DIR/witnesses, or\n"
		"                        from a file; --as puts them on the ledger\n"
		"  accuse NOTE [NOTE] --as KEY   puts contradicting checkpoints of the node on the ledger, which stops outflow\n"
		"  These need no ledger:\n"
		"  verify FILE… [--policy P] [--vkey V] [--leaf F]   checkpoints, proofs, exports, tiles: the first thing that does not hold\n"
		"  cosign CHECKPOINT [--proof FILE] --witness DIR --as KEY [-o FILE]   as a witness, by file\n"
		"  witness --dir DIR --as KEY --listen HOST:PORT [--name NAME]   as a witness, by HTTP; --vkey prints its key, --kept\n"
		"                        the notes that it refused\n" },
	{ "evidence", "add FILE [--deal ID] [--for READERS] --as KEY | list | get ID -o FILE | grant ID --to READERS | shred ID"
		" --reason TEXT | check | prune --before DATE | serve --listen HOST:PORT | fetch URL ID | say FILE | open ENTRY",
		"files as evidence, encrypted for their readers", verb_evidence,
		"  add    FILE [--deal ID] [--kind KIND] [--type MEDIA] [--for READERS] [--captured TIME] [--until TIME]\n"
		"         [--device ID] [--confidence 0…1000] [--corroborates ID] --as KEY\n"
		"         READERS are parties and people by commas; a party stands for its key and its people.\n"
		"  get    ID -o FILE [--reason TEXT] --as KEY   every chunk and the digest are checked; an auditor's read is\n"
		"         an entry before a byte is written\n"
		"  grant  ID --to READERS --as KEY              by who may read it himself\n"
		"  shred  ID --reason TEXT --as KEY             by its owner or compliance; the proofs stay\n"
		"  list   [--deal ID]        what there is and who may read it\n"
		"  check  [--quick] [--keep] [--grace SECONDS]  compares vault and ledger, finishes what a crash interrupted,\n"
		"         removes what belongs to no entry and is older than the grace (86400)\n"
		"  prune  --before DATE      raw batches past policy retention.batch_days\n"
		"  serve  --listen HOST:PORT gives encrypted pieces to those who hold a grant and sign for it; reads only\n"
		"  fetch  URL ID [--timeout SECONDS] --as KEY   an item's pieces from a host that serves them; each is compared with\n"
		"         its digest before it is kept; stopped in between, the same command goes on\n"
		"  say    FILE --about EVENT --audience NAME --for READERS [--deal ID] [--claim FINGERPRINT --state STATE] --as KEY\n"
		"         a body for its readers alone; all others keep who, about what and a salted digest. A claim INV/<64 hex>\n"
		"         (reserved, financed, discharged, withdrawn) stands in the way of everybody's\n"
		"  open   ENTRY --as KEY                        the body that an entry said, compared with its digest\n" },
	{ "bank", "out [DIR] [--as KEY] | in FILE… --as KEY", "payment orders for the bank, and what the bank answers (ISO 20022)", verb_bank,
		"  out [DIR]   a pain.001.001.09 file for each order on the ledger that the bank has not answered; files that are there stay.\n"
		"              --as KEY (treasury or operations) first puts the released payments into one order for each currency\n"
		"  in FILE…    pain.002, camt.053, camt.054 and pacs.004 go onto the ledger, signed by the bank's key\n"
		"  The funder's account is the policy's bank.account.BOOK/CUR, or the one that it is registered with.\n" },
	{ "rebuild", "DIR", "make read models and tiles anew from the journal", verb_rebuild, "" },
	{ "prune", "DIR (--before ENTRY | --keep-days N) [--unwitnessed]", "give up old entries; every proof still holds", verb_prune,
		"  Whole tiles of entries go, behind a checkpoint that witnesses cosigned; leaf hashes and tiles stay. What goes is\n"
		"  re-executed once more, and the state behind it is signed by the node. The genesis entry stays.\n"
		"  --unwitnessed: for a ledger without witnesses. What the entries said is then the node's own word.\n" },
	{ "events", "[KIND]", "kinds of events and their fields", verb_events, "" },
	{ "help", "[VERB | commands | exit]", "this list, or one verb", verb_help, "" },
};
const size_t VERB_COUNT = sizeof(VERBS) / sizeof(VERBS[0]);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(VERBS[i].name, name) == 0)
			return &VERBS[i];
	return NULL;
}
