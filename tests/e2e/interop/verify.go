// Verifies what Wharf hands out with nothing of Wharf: only golang.org/x/mod/sumdb/note and tlog.
//
//	go run verify.go VKEY CHECKPOINT                 a checkpoint (WITNESS=vkey: with that cosignature)
//	go run verify.go VKEY CHECKPOINT PROOF.tlog-proof  one entry; the leaf is in the proof's extra line
//	go run verify.go VKEY TILES/                     a directory of tiles: every entry, every proof, the root
//
// Exit status 1 with the reason when something does not hold.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func read(path string) []byte {
	b, err := os.ReadFile(path)
	must(err, "reading")
	return b
}

// A key that is given as text or in a file.
func vkey(arg string) string {
	if strings.Contains(arg, "+") {
		return arg
	}
	return strings.TrimSpace(string(read(arg)))
}

// cosigner verifies C2SP cosignatures (type 0x04), which package note leaves to its callers.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(head), msg...), sig[8:])
}

func newCosigner(text string) cosigner {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		fail("not a key: %s", text)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	must(err, "key of the witness")
	if len(raw) != 33 || raw[0] != 4 {
		fail("not the key of a witness: %s", text)
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	return cosigner{parts[0], binary.BigEndian.Uint32(id[:4]), ed25519.PublicKey(raw[1:])}
}

// open verifies a checkpoint and takes it apart.
func open(text []byte, key string) tlog.Tree {
	log, err := note.NewVerifier(key)
	must(err, "key of the log")
	verifiers := []note.Verifier{log}
	if w := os.Getenv("WITNESS"); w != "" {
		verifiers = append(verifiers, newCosigner(vkey(w)))
	}
	n, err := note.Open(text, note.VerifierList(verifiers...))
	must(err, "checkpoint")
	if len(n.Sigs) != len(verifiers) {
		fail("%d of %d signatures that were asked for are on the checkpoint", len(n.Sigs), len(verifiers))
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != log.Name() {
		fail("not a checkpoint of %s", log.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "root")
	fmt.Printf("checkpoint of %s: %d entries, root %s, %d signatures\n", lines[0], size, root, len(n.Sigs))
	return tlog.Tree{N: size, Hash: root}
}

func proof(path, key string, checkpoint []byte) {
	head, note, found := bytes.Cut(read(path), []byte("\n\n"))
	if !found || !bytes.Equal(note, checkpoint) {
		fail("the proof is of another checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		fail("not a proof with its leaf")
	}
	leaf, err := base64.StdEncoding.DecodeString(lines[1][6:])
	must(err, "leaf")
	index, err := strconv.ParseInt(lines[2][6:], 10, 64)
	must(err, "index")
	var path_ tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		must(err, "hash")
		path_ = append(path_, h)
	}
	tree := open(note, key)
	must(tlog.CheckRecord(path_, tree.N, tree.Hash, index, tlog.RecordHash(leaf)), "proof")
	fmt.Printf("entry %d of %d is proven\n", index, tree.N)
}

// tiles reads the hashes of a tree from C2SP tiles: the paths of package tlog with the height left out.
type tiles struct {
	dir  string
	size int64
}

func (t tiles) file(level int, n int64, entries bool) (string, int) {
	kind := fmt.Sprint(level)
	if entries {
		kind = "entries"
	}
	hashes := t.size >> uint(8*level)
	width := 256
	if (n+1)*256 > hashes {
		width = int(hashes - n*256)
	}
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < 256 {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	return filepath.Join(t.dir, "tile", kind, path), width
}

func (t tiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, index := range indexes {
		tile := tlog.TileForIndex(8, index)
		path, width := t.file(tile.L, tile.N, false)
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		tile.W = width
		h, err := tlog.HashFromTile(tile, data, index)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

func checkTiles(dir, key string) {
	tree := open(read(filepath.Join(dir, "checkpoint")), key)
	t := tiles{dir, tree.N}
	root, err := tlog.TreeHash(tree.N, t)
	must(err, "root")
	if root != tree.Hash {
		fail("the tiles lead to another root: %s", root)
	}
	for n := int64(0); n*256 < tree.N; n++ {
		path, width := t.file(0, n, true)
		data := read(path)
		for i := int64(0); i < int64(width); i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				fail("%s is cut short", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			entry := n*256 + i
			p, err := tlog.ProveRecord(tree.N, entry, t)
			must(err, "proving")
			must(tlog.CheckRecord(p, tree.N, tree.Hash, entry, tlog.RecordHash(data[2:end])), fmt.Sprintf("entry %d", entry))
			data = data[end:]
		}
		if len(data) != 0 {
			fail("%s is too long", path)
		}
	}
	for old := int64(1); old < tree.N; old += 1 + tree.N/64 {
		before, err := tlog.TreeHash(old, t)
		must(err, "older root")
		p, err := tlog.ProveTree(tree.N, old, t)
		must(err, "proving")
		must(tlog.CheckTree(p, tree.N, tree.Hash, old, before), fmt.Sprintf("consistency from %d", old))
	}
	fmt.Printf("tiles: %d entries, each proven from its bundle; older trees are consistent\n", tree.N)
}

func main() {
	if len(os.Args) < 3 {
		fail("usage: verify VKEY CHECKPOINT [PROOF] | VKEY TILES")
	}
	key := vkey(os.Args[1])
	if st, err := os.Stat(os.Args[2]); err == nil && st.IsDir() {
		checkTiles(os.Args[2], key)
		return
	}
	checkpoint := read(os.Args[2])
	if len(os.Args) > 3 {
		proof(os.Args[3], key, checkpoint)
		return
	}
	open(checkpoint, key)
}
