/* The gate: which Lua may be deployed.
 *
 * Source is compiled and dumped, and the dump is walked: what is judged is what will run, so no
 * spelling of the source gets around it. Binary format of Lua 5.4 (lundump.c of its sources defines
 * it; numbers of the machine, little-endian here):
 *
 *   header    "\x1bLua" 0x54 0x00 "\x19\x93\r\n\x1a\n", sizes 4 8 8, integer 0x5678, number 370.5
 *   u8        upvalues of the main function
 *   function  string source, int line, int last line, u8 parameters, u8 vararg, u8 stack,
 *             int n, n instructions of 4 bytes,
 *             int n, n constants (u8 type: 0x00 nil, 0x01 false, 0x11 true, 0x03 integer,
 *               0x13 float, 0x04 and 0x14 string),
 *             int n, n upvalues (u8 in stack, u8 index, u8 kind),
 *             int n, n functions,
 *             int n, n bytes of line steps, int n, n absolute lines (int pc, int line),
 *             int n, n local variables (string name, int from, int to),
 *             int n, n upvalue names (string)
 *   int       base 128, most significant first, the last byte with its top bit set
 *   string    int length + 1 (0 for none), bytes
 *
 * An instruction is op:7 A:8 k:1 B:8 C:8 from the lowest bit, or op:7 A:8 Bx:17.
 *
 * Must remain true: every opcode has a row; what has none is refused. A float then comes into being
 * only where a counting `for` starts at a text that is a number, and every way out of a contract takes
 * integers only (host_int, host_take_json, host_take_value). */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "contract/contract_int.h"

enum { GATE_SMALL = 1000000, GATE_FIELDS_MAX = 64, GATE_DEPTH_MAX = 32 };

/* What an opcode does to the verdict. */
enum gate_rule {
	GATE_PASS,
	GATE_NEVER,      /* refused with its words */
	GATE_CONST_BX,   /* loads constant Bx */
	GATE_CONST_B,    /* compares with constant B */
	GATE_CONST_KC,   /* stores constant C when k is set */
	GATE_CONST_C,    /* calculates with constant C */
	GATE_SMALL_C,    /* likewise, which must be small */
	GATE_FLOAT_C,    /* C tells that the number within the instruction is a float */
	GATE_GLOBAL_GET, /* B upvalue, C constant name */
	GATE_GLOBAL_SET, /* A upvalue, B constant name, constant C when k is set */
	GATE_UPVALUE,    /* B upvalue as a value */
	GATE_TABLE       /* sizes of a constructor */
};

struct gate_op {
	const char *name, *words; /* of Lua's opcode; of the refusal */
	enum gate_rule rule;
};

#define WORDS_WRAP(op, call) "native '" op "' between variables wraps silently: use " call
#define WORDS_BIT "bit operators are not let through"
/* In order of the opcodes of Lua 5.4. */
static const struct gate_op OPS[] = {
	{ "MOVE", "", GATE_PASS }, { "LOADI", "", GATE_PASS },
	{ "LOADF", "a float constant", GATE_NEVER },
	{ "LOADK", "", GATE_CONST_BX },
	{ "LOADKX", "more constants than a function may have", GATE_NEVER },
	{ "LOADFALSE", "", GATE_PASS }, { "LFALSESKIP", "", GATE_PASS }, { "LOADTRUE", "", GATE_PASS },
	{ "LOADNIL", "", GATE_PASS }, { "GETUPVAL", "", GATE_UPVALUE }, { "SETUPVAL", "", GATE_UPVALUE },
	{ "GETTABUP", "", GATE_GLOBAL_GET }, { "GETTABLE", "", GATE_PASS }, { "GETI", "", GATE_PASS },
	{ "GETFIELD", "", GATE_PASS }, { "SETTABUP", "", GATE_GLOBAL_SET },
	{ "SETTABLE", "", GATE_CONST_KC }, { "SETI", "", GATE_CONST_KC }, { "SETFIELD", "", GATE_CONST_KC },
	{ "NEWTABLE", "a table constructor with more than 64 fields", GATE_TABLE },
	{ "SELF", "", GATE_PASS }, { "ADDI", "", GATE_PASS },
	{ "ADDK", "'+' with a constant above 1,000,000: use add(a, b)", GATE_SMALL_C },
	{ "SUBK", "'-' with a constant above 1,000,000: use sub(a, b)", GATE_SMALL_C },
	{ "MULK", WORDS_WRAP("*", "mul(a, b)"), GATE_NEVER },
	{ "MODK", "", GATE_CONST_C },
	{ "POWK", "the operator '^' makes floats", GATE_NEVER },
	{ "DIVK", "the operator '/' makes floats: use muldiv or '//'", GATE_NEVER },
	{ "IDIVK", "", GATE_CONST_C },
	{ "BANDK", WORDS_BIT, GATE_NEVER }, { "BORK", WORDS_BIT, GATE_NEVER },
	{ "BXORK", WORDS_BIT, GATE_NEVER }, { "SHRI", WORDS_BIT, GATE_NEVER },
	{ "SHLI", WORDS_BIT, GATE_NEVER },
	{ "ADD", WORDS_WRAP("+", "add(a, b)"), GATE_NEVER },
	{ "SUB", WORDS_WRAP("-", "sub(a, b)"), GATE_NEVER },
	{ "MUL", WORDS_WRAP("*", "mul(a, b)"), GATE_NEVER },
	{ "MOD", "", GATE_PASS },
	{ "POW", "the operator '^' makes floats", GATE_NEVER },
	{ "DIV", "the operator '/' makes floats: use muldiv or '//'", GATE_NEVER },
	{ "IDIV", "", GATE_PASS },
	{ "BAND", WORDS_BIT, GATE_NEVER }, { "BOR", WORDS_BIT, GATE_NEVER }, { "BXOR", WORDS_BIT, GATE_NEVER },
	{ "SHL", WORDS_BIT, GATE_NEVER }, { "SHR", WORDS_BIT, GATE_NEVER },
	{ "MMBIN", "", GATE_PASS }, { "MMBINI", "", GATE_PASS }, { "MMBINK", "", GATE_PASS },
	{ "UNM", "", GATE_PASS }, { "BNOT", WORDS_BIT, GATE_NEVER }, { "NOT", "", GATE_PASS },
	{ "LEN", "the operator '#' depends on history: use len(x)", GATE_NEVER },
	{ "CONCAT", "", GATE_PASS }, { "CLOSE", "", GATE_PASS },
	{ "TBC", "variables to be closed", GATE_NEVER }, { "JMP", "", GATE_PASS },
	{ "EQ", "", GATE_PASS }, { "LT", "", GATE_PASS }, { "LE", "", GATE_PASS },
	{ "EQK", "", GATE_CONST_B }, { "EQI", "a float constant", GATE_FLOAT_C },
	{ "LTI", "a float constant", GATE_FLOAT_C }, { "LEI", "a float constant", GATE_FLOAT_C },
	{ "GTI", "a float constant", GATE_FLOAT_C }, { "GEI", "a float constant", GATE_FLOAT_C },
	{ "TEST", "", GATE_PASS }, { "TESTSET", "", GATE_PASS }, { "CALL", "", GATE_PASS },
	{ "TAILCALL", "", GATE_PASS }, { "RETURN", "", GATE_PASS }, { "RETURN0", "", GATE_PASS },
	{ "RETURN1", "", GATE_PASS }, { "FORLOOP", "", GATE_PASS }, { "FORPREP", "", GATE_PASS },
	{ "TFORPREP", "a generic 'for': use each, or a counting for", GATE_NEVER },
	{ "TFORCALL", "a generic 'for': use each, or a counting for", GATE_NEVER },
	{ "TFORLOOP", "a generic 'for': use each, or a counting for", GATE_NEVER },
	{ "SETLIST", "", GATE_PASS }, { "CLOSURE", "", GATE_PASS },
	{ "VARARG", "variable arguments '...'", GATE_NEVER }, { "VARARGPREP", "", GATE_PASS },
	{ "EXTRAARG", "", GATE_PASS },
};
_Static_assert(sizeof(OPS) / sizeof(OPS[0]) == 83, "Lua 5.4 has 83 opcodes");

struct gate_const {
	uint8_t type;
	struct str text;
	int64_t number;
};
enum { CONST_FLOAT = 0x13, CONST_INT = 0x03, CONST_SHORT = 0x04, CONST_LONG = 0x14 };

struct gate_proto {
	int64_t line;
	bool vararg;
	const uint8_t *code;
	size_t code_count, const_count, upvalue_count, child_count, local_count;
	struct gate_const *consts;
	struct str *upvalues, *locals;
	int64_t *lines;
	struct gate_proto *children;
};

struct gate {
	const uint8_t *at, *end;
	struct arena arena;
	bool bad;
	const char *name;
	struct str *defined; /* globals the file sets */
	size_t defined_count, defined_cap;
	struct fault *fault;
	enum err verdict;
};

/* --- reading the dump -------------------------------------------------------------------------- */
static const uint8_t *gate_take(struct gate *g, size_t len)
{
	if (g->bad || (size_t)(g->end - g->at) < len) {
		g->bad = true;
		return NULL;
	}
	const uint8_t *at = g->at;
	g->at += len;
	return at;
}

static uint8_t gate_byte(struct gate *g)
{
	const uint8_t *b = gate_take(g, 1);
	return b ? *b : 0;
}

static int64_t gate_int(struct gate *g)
{
	int64_t n = 0;
	for (int i = 0; i < 5; i++) {
		uint8_t b = gate_byte(g);
		n = (n << 7) | (b & 0x7f);
		if (b & 0x80)
			return n;
	}
	g->bad = true;
	return 0;
}

static size_t gate_count(struct gate *g)
{
	int64_t n = gate_int(g);
	if (n < 0 || n > g->end - g->at) /* everything counted takes a byte at least */
		g->bad = true;
	return g->bad ? 0 : (size_t)n;
}

static struct str gate_string(struct gate *g)
{
	int64_t n = gate_int(g);
	if (n == 0)
		return STR("");
	const uint8_t *at = gate_take(g, (size_t)n - 1);
	return at ? (struct str){ (const char *)at, (size_t)n - 1 } : STR("");
}

static void gate_header(struct gate *g)
{
	static const uint8_t FIXED[] = { 0x1b, 'L', 'u', 'a', 0x54, 0, 0x19, 0x93, '\r', '\n', 0x1a, '\n',
		4, 8, 8, 0x78, 0x56, 0, 0, 0, 0, 0, 0 };
	const uint8_t *at = gate_take(g, sizeof(FIXED));
	if (!at || memcmp(at, FIXED, sizeof(FIXED)))
		g->bad = true;
	gate_take(g, 8); /* 370.5 */
	gate_byte(g);
}

static void gate_read_consts(struct gate *g, struct gate_proto *p)
{
	p->const_count = gate_count(g);
	p->consts = arena_zero(&g->arena, (p->const_count + 1) * sizeof(*p->consts));
	for (size_t i = 0; i < p->const_count && !g->bad; i++) {
		struct gate_const *c = &p->consts[i];
		c->type = gate_byte(g);
		if (c->type == CONST_SHORT || c->type == CONST_LONG) {
			c->text = gate_string(g);
		} else if (c->type == CONST_INT || c->type == CONST_FLOAT) {
			const uint8_t *at = gate_take(g, 8);
			if (at)
				memcpy(&c->number, at, 8);
		}
	}
}

/* A step of -128 says that the line stands in the list of absolute ones. */
static void gate_read_lines(struct gate *g, struct gate_proto *p)
{
	size_t count = gate_count(g), next = 0;
	const int8_t *steps = (const int8_t *)gate_take(g, count);
	size_t absolute = gate_count(g);
	int64_t *pcs = arena_zero(&g->arena, (absolute + 1) * 2 * sizeof(*pcs)), line = p->line;
	for (size_t i = 0; i < absolute; i++) {
		pcs[2 * i] = gate_int(g);
		pcs[2 * i + 1] = gate_int(g);
	}
	p->lines = arena_zero(&g->arena, (p->code_count + 1) * sizeof(*p->lines));
	for (size_t pc = 0; pc < p->code_count; pc++) {
		if (!g->bad && steps && pc < count) {
			if (steps[pc] != -128)
				line += steps[pc];
			else if (next < absolute && pcs[2 * next] == (int64_t)pc)
				line = pcs[2 * next++ + 1];
		}
		p->lines[pc] = line;
	}
}

static void gate_read_names(struct gate *g, struct gate_proto *p)
{
	p->local_count = gate_count(g);
	p->locals = arena_zero(&g->arena, (p->local_count + 1) * sizeof(*p->locals));
	for (size_t i = 0; i < p->local_count && !g->bad; i++) {
		p->locals[i] = gate_string(g);
		gate_int(g);
		gate_int(g);
	}
	size_t names = gate_count(g);
	if (names != p->upvalue_count)
		g->bad = true;
	p->upvalues = arena_zero(&g->arena, (p->upvalue_count + 1) * sizeof(*p->upvalues));
	for (size_t i = 0; i < p->upvalue_count && !g->bad; i++)
		p->upvalues[i] = gate_string(g);
}

static void gate_read_proto(struct gate *g, struct gate_proto *p, int depth)
{
	if (depth > GATE_DEPTH_MAX) {
		g->bad = true;
		return;
	}
	gate_string(g);
	p->line = gate_int(g);
	gate_int(g);
	gate_byte(g);
	p->vararg = gate_byte(g) != 0;
	gate_byte(g);
	p->code_count = gate_count(g);
	p->code = gate_take(g, p->code_count * 4);
	gate_read_consts(g, p);
	p->upvalue_count = gate_count(g);
	gate_take(g, p->upvalue_count * 3);
	p->child_count = gate_count(g);
	p->children = arena_zero(&g->arena, (p->child_count + 1) * sizeof(*p->children));
	for (size_t i = 0; i < p->child_count && !g->bad; i++)
		gate_read_proto(g, &p->children[i], depth + 1);
	gate_read_lines(g, p);
	gate_read_names(g, p);
}

/* --- judging ------------------------------------------------------------------------------------ */
struct gate_instruction {
	uint8_t op, a, b, c;
	bool k;
	uint32_t bx;
};

static struct gate_instruction gate_at(const struct gate_proto *p, size_t pc)
{
	uint32_t i;
	memcpy(&i, p->code + pc * 4, 4);
	return (struct gate_instruction){ (uint8_t)(i & 0x7f), (uint8_t)(i >> 7 & 0xff),
		(uint8_t)(i >> 16 & 0xff), (uint8_t)(i >> 24), (i >> 15 & 1) != 0, i >> 15 };
}

static void gate_refuse(struct gate *g, int64_t line, const char *words)
{
	if (g->verdict == ERR_OK)
		g->verdict = fault_set(g->fault, ERR_UNSUPPORTED, (int)line, 0, "%s.lua:%lld: %s.", g->name,
			(long long)line, words);
}

static void gate_refuse_name(struct gate *g, int64_t line, const char *words, struct str name)
{
	if (g->verdict == ERR_OK)
		g->verdict = fault_set(g->fault, ERR_UNSUPPORTED, (int)line, 0, "%s.lua:%lld: %s '" STR_FMT "'.",
			g->name, (long long)line, words, STR_ARG(name));
}

static const struct gate_const *gate_const_at(const struct gate_proto *p, uint32_t index)
{
	static const struct gate_const NONE;
	return index < p->const_count ? &p->consts[index] : &NONE;
}

static bool gate_is_env(const struct gate_proto *p, uint32_t upvalue)
{
	return upvalue < p->upvalue_count && str_is(p->upvalues[upvalue], "_ENV");
}

static bool gate_defined(const struct gate *g, struct str name)
{
	for (size_t i = 0; i < g->defined_count; i++)
		if (str_eq(g->defined[i], name))
			return true;
	return false;
}

static void gate_collect(struct gate *g, const struct gate_proto *p)
{
	for (size_t pc = 0; pc < p->code_count; pc++) {
		struct gate_instruction i = gate_at(p, pc);
		if (i.op >= 83 || OPS[i.op].rule != GATE_GLOBAL_SET || !gate_is_env(p, i.a))
			continue;
		struct str name = gate_const_at(p, i.b)->text;
		if (gate_defined(g, name))
			continue;
		if (g->defined_count == g->defined_cap) {
			size_t cap = g->defined_cap ? g->defined_cap * 2 : 16;
			struct str *grown = arena_alloc(&g->arena, cap * sizeof(*grown));
			if (g->defined_count)
				memcpy(grown, g->defined, g->defined_count * sizeof(*grown));
			g->defined = grown;
			g->defined_cap = cap;
		}
		g->defined[g->defined_count++] = name;
	}
	for (size_t i = 0; i < p->child_count; i++)
		gate_collect(g, &p->children[i]);
}

static void gate_judge_const(struct gate *g, const struct gate_proto *p, int64_t line, uint32_t index)
{
	if (gate_const_at(p, index)->type == CONST_FLOAT)
		gate_refuse(g, line, "a float constant");
}

static void gate_judge_global(struct gate *g, const struct gate_proto *p, int64_t line,
	struct gate_instruction i)
{
	bool set = OPS[i.op].rule == GATE_GLOBAL_SET;
	if (set && i.k)
		gate_judge_const(g, p, line, i.c);
	if (!gate_is_env(p, set ? i.a : i.b))
		return; /* a table that an outer function holds */
	struct str name = gate_const_at(p, set ? i.b : i.c)->text;
	if (set && host_knows(name))
		gate_refuse_name(g, line, "gives another meaning to the host function", name);
	if (!set && !host_knows(name) && !gate_defined(g, name))
		gate_refuse_name(g, line, "unknown global", name);
}

static void gate_judge(struct gate *g, const struct gate_proto *p, size_t pc)
{
	struct gate_instruction i = gate_at(p, pc);
	int64_t line = p->lines[pc];
	if (i.op >= sizeof(OPS) / sizeof(OPS[0])) {
		gate_refuse(g, line, "an instruction that is not Lua 5.4");
		return;
	}
	const struct gate_op *op = &OPS[i.op];
	const struct gate_const *c = gate_const_at(p, i.c);
	switch (op->rule) {
	case GATE_PASS:
		break;
	case GATE_NEVER:
		gate_refuse(g, line, op->words);
		break;
	case GATE_CONST_BX:
		gate_judge_const(g, p, line, i.bx);
		break;
	case GATE_CONST_B:
		gate_judge_const(g, p, line, i.b);
		break;
	case GATE_CONST_KC:
		if (i.k)
			gate_judge_const(g, p, line, i.c);
		break;
	case GATE_CONST_C:
		gate_judge_const(g, p, line, i.c);
		break;
	case GATE_SMALL_C:
		gate_judge_const(g, p, line, i.c);
		if (c->type != CONST_INT || c->number > GATE_SMALL || c->number < -GATE_SMALL)
			gate_refuse(g, line, op->words);
		break;
	case GATE_FLOAT_C:
		if (i.c)
			gate_refuse(g, line, op->words);
		break;
	case GATE_GLOBAL_GET:
	case GATE_GLOBAL_SET:
		gate_judge_global(g, p, line, i);
		break;
	case GATE_UPVALUE:
		if (gate_is_env(p, i.b))
			gate_refuse(g, line, "_ENV as a value (or a function of more than 255 constants)");
		break;
	case GATE_TABLE: /* B is the logarithm of named fields plus one, C the listed ones */
		if (i.b > 7 || i.c > GATE_FIELDS_MAX || i.k)
			gate_refuse(g, line, op->words);
		break;
	}
}

static void gate_walk(struct gate *g, const struct gate_proto *p, bool main)
{
	if (p->vararg && !main)
		gate_refuse(g, p->line, "variable arguments '...'");
	for (size_t i = 0; i < p->local_count; i++)
		if (str_is(p->locals[i], "_ENV"))
			gate_refuse(g, p->line, "a variable named _ENV");
	for (size_t pc = 0; pc < p->code_count && g->verdict == ERR_OK; pc++)
		gate_judge(g, p, pc);
	for (size_t i = 0; i < p->const_count; i++)
		if (p->consts[i].type == CONST_FLOAT)
			gate_refuse(g, p->line, "a float constant");
	for (size_t i = 0; i < p->child_count && g->verdict == ERR_OK; i++)
		gate_walk(g, &p->children[i], false);
}

/* --- compiling ----------------------------------------------------------------------------------- */
/* What the compiler holds: hundreds of small things, which go with the arena when it has ended, and few large ones. */
struct gate_memory {
	struct arena small;
	size_t live;
};

static void *gate_alloc(void *ud, void *ptr, size_t old, size_t want)
{
	struct gate_memory *m = ud;
	size_t had = ptr ? old : 0;
	bool was_large = had > HOST_SMALL;
	if (want > had && m->live + (want - had) > (size_t)BUDGET_MEMORY)
		return NULL;
	void *got = NULL;
	if (want > HOST_SMALL)
		got = realloc(was_large ? ptr : NULL, want);
	else if (want)
		got = arena_alloc(&m->small, want);
	if (want && !got)
		return NULL;
	if (had && want && !(was_large && want > HOST_SMALL))
		memcpy(got, ptr, had < want ? had : want);
	if (was_large && want <= HOST_SMALL)
		free(ptr);
	m->live += want - had;
	return got;
}

static int gate_write(lua_State *L, const void *bytes, size_t len, void *ud)
{
	(void)L;
	buf_add(ud, bytes, len);
	return 0;
}

/* Chunk names starting with '=' are shown as they are. */
static enum err gate_dump(const char *name, struct str source, struct buf *out, struct fault *fault)
{
	struct gate_memory memory = { 0 };
	char chunk[64];
	enum err e = ERR_OK;
	lua_State *L = lua_newstate(gate_alloc, &memory);
	CHECK(L, "a Lua state takes few kilobytes");
	snprintf(chunk, sizeof(chunk), "=%s.lua", name);
	if (luaL_loadbufferx(L, source.ptr, source.len, chunk, "t") != LUA_OK) {
		const char *text = lua_tostring(L, -1), *colon = text ? strchr(text, ':') : NULL;
		e = fault_set(fault, ERR_SYNTAX, colon ? (int)strtol(colon + 1, NULL, 10) : 0, 0, "%s.", text ? text : "not Lua");
	} else {
		lua_dump(L, gate_write, out, 0);
	}
	lua_close(L);
	arena_free(&memory.small);
	return e;
}

enum err gate_compile(const char *name, struct str source, struct buf *bytecode, struct fault *fault)
{
	struct gate g;
	struct gate_proto main;
	size_t before = bytecode->len;
	if (source.len > CONTRACT_SOURCE_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "%s.lua: %zu bytes are more than the %d a contract may have.",
			name, source.len, CONTRACT_SOURCE_MAX);
	if (!str_utf8_valid(source))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "%s.lua: not UTF-8.", name);
	enum err e = gate_dump(name, source, bytecode, fault);
	if (e)
		return e;
	memset(&g, 0, sizeof(g));
	memset(&main, 0, sizeof(main));
	g.at = (const uint8_t *)bytecode->ptr + before;
	g.end = (const uint8_t *)bytecode->ptr + bytecode->len;
	g.name = name;
	g.fault = fault;
	gate_header(&g);
	gate_read_proto(&g, &main, 0);
	if (g.bad || g.at != g.end) {
		g.verdict = fault_set(fault, ERR_VERSION, 0, 0,
			"%s.lua: functions nest deeper than %d, or this is not the bytecode of Lua 5.4.", name,
			GATE_DEPTH_MAX);
	} else {
		gate_collect(&g, &main);
		gate_walk(&g, &main, true);
	}
	arena_free(&g.arena);
	if (g.verdict) {
		bytecode->len = before;
		if (bytecode->ptr)
			bytecode->ptr[before] = '\0';
	}
	return g.verdict;
}
