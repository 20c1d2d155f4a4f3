// Answers which files BuildKit's client sends, for texts of .dockerignore and paths on standard input.
//
// A question is a line of JSON: the text and the paths, in base64. An answer is a line, too: for each
// path if it is sent, or why the build fails.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	gofs "io/fs"
	"os"
	"path"
	"sort"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

type question struct {
	Text  []byte   `json:"text"`
	Paths [][]byte `json:"paths"`
}

type answer struct {
	Sent  []bool `json:"sent,omitempty"`
	Error string `json:"error,omitempty"`
}

// tree is a file system in memory: folders with the names in them; files have none.
type tree map[string][]string

func newTree(paths [][]byte) tree {
	names := map[string]map[string]bool{}
	for _, raw := range paths {
		for file := string(raw); file != "."; file = path.Dir(file) {
			folder := path.Dir(file)
			if names[folder] == nil {
				names[folder] = map[string]bool{}
			}
			names[folder][path.Base(file)] = true
		}
	}
	result := tree{}
	for folder, entries := range names {
		for name := range entries {
			result[folder] = append(result[folder], name)
		}
		sort.Strings(result[folder])
	}
	return result
}

func (t tree) Open(string) (io.ReadCloser, error) { return nil, os.ErrNotExist }

func (t tree) Walk(_ context.Context, _ string, visit gofs.WalkDirFunc) error {
	return t.walk(".", visit)
}

func (t tree) walk(folder string, visit gofs.WalkDirFunc) error {
	for _, name := range t[folder] {
		file := path.Join(folder, name)
		stat := &types.Stat{Path: file, Mode: 0o644}
		if t[file] != nil {
			stat.Mode = uint32(os.ModeDir | 0o755)
		}
		err := visit(file, &fsutil.DirEntryInfo{Stat: stat}, nil)
		if err == gofs.SkipDir {
			if t[file] != nil {
				continue
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.walk(file, visit); err != nil {
			return err
		}
	}
	return nil
}

func find(asked question) (map[string]bool, error) {
	patterns, err := ignorefile.ReadAll(bytes.NewReader(asked.Text))
	if err != nil {
		return nil, err
	}
	// The patterns reach the client as JSON, which has no bytes that are not UTF-8.
	encoded, err := json.Marshal(patterns)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(encoded, &patterns); err != nil {
		return nil, err
	}
	filtered, err := fsutil.NewFilterFS(newTree(asked.Paths), &fsutil.FilterOpt{ExcludePatterns: patterns})
	if err != nil {
		return nil, err
	}
	sent := map[string]bool{}
	err = filtered.Walk(context.Background(), "/", func(file string, entry gofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		sent[file] = true
		return nil
	})
	return sent, err
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return
		}
		var asked question
		if err := json.Unmarshal(line, &asked); err != nil {
			panic(err)
		}
		sent, err := find(asked)
		result := answer{}
		if err != nil {
			result.Error = strings.ToValidUTF8(err.Error(), "\uFFFD")
		} else {
			for _, file := range asked.Paths {
				result.Sent = append(result.Sent, sent[string(file)])
			}
		}
		if err := output.Encode(result); err != nil {
			panic(err)
		}
	}
}
