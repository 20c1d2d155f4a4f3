// Package store applies migrations, each a file with one statement a line.
package store

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Store remembers what was applied.
type Store struct{ applied []string }

// Open applies every migration of a folder in the order of their names.
func Open(folder string) (*Store, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("none in %q (%v)", folder, err)
	}
	sort.Strings(files)
	s := &Store{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if !strings.HasSuffix(strings.TrimSpace(string(text)), ";") {
			return nil, fmt.Errorf("%s does not end in a semicolon", file)
		}
		s.applied = append(s.applied, filepath.Base(file))
	}
	return s, nil
}

// Applied gives the names of the migrations in order.
func (s *Store) Applied() []string { return s.applied }
