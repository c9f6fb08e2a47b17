package targets

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sealjar/sealjar/internal/conformance"
)

// PageFile is where the page is.
func PageFile() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "docs", "conformance.md")
}

// Page is docs/conformance.md, made of the records.
func Page() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	intro, err := os.ReadFile(filepath.Join(filepath.Dir(file), "page.md"))
	if err != nil {
		return "", err
	}
	p := page{forms: Forms(), notes: make(map[string]int)}
	for i := range p.forms {
		record, err := p.forms[i].ReadRecord()
		if err != nil {
			return "", err
		}
		p.records = append(p.records, record)
	}
	p.text.Write(intro)
	p.summary()
	for _, chapter := range conformance.Chapters() {
		p.chapter(&chapter)
	}
	p.text.WriteString("\n## Notes\n\n")
	for i, note := range p.order {
		fmt.Fprintf(&p.text, "%d. <a id=\"n%d\"></a>%s\n", i+1, i+1, sentence(note))
	}
	return p.text.String(), nil
}

type page struct {
	text    strings.Builder
	forms   []Form
	records []Record
	notes   map[string]int
	order   []string
}

func (p *page) summary() {
	total := 0
	for _, chapter := range conformance.Chapters() {
		total += len(chapter.Behaviours)
	}
	fmt.Fprintf(&p.text, "\n## Result\n\nOf %d behaviours:\n\n|  | ✓ | ✗ | n/a |\n|---|---:|---:|---:|\n", total)
	for i, f := range p.forms {
		count := make(map[conformance.Verdict]int)
		for _, r := range p.records[i] {
			count[r.Verdict]++
		}
		fmt.Fprintf(&p.text, "| %s | %d | %d | %d |\n",
			f.Title, total-count[conformance.Fail]-count[conformance.NA], count[conformance.Fail], count[conformance.NA])
	}
}

func (p *page) chapter(c *conformance.Chapter) {
	fmt.Fprintf(&p.text, "\n## %s\n\n| Behaviour |", c.Title)
	for _, f := range p.forms {
		fmt.Fprintf(&p.text, " %s |", f.Title)
	}
	p.text.WriteString("\n|---|" + strings.Repeat(":---:|", len(p.forms)) + "\n")
	for i := range c.Behaviours {
		b := &c.Behaviours[i]
		fmt.Fprintf(&p.text, "| %s |", sentence(b.Name()))
		for _, record := range p.records {
			fmt.Fprintf(&p.text, " %s |", p.cell(record, b.ID))
		}
		p.text.WriteString("\n")
	}
}

// cell is the verdict, with the number of the note that has the reason.
func (p *page) cell(record Record, id string) string {
	r, ok := record[id]
	if !ok {
		return string(conformance.Pass)
	}
	if p.notes[r.Why] == 0 {
		p.order = append(p.order, r.Why)
		p.notes[r.Why] = len(p.order)
	}
	n := p.notes[r.Why]
	return fmt.Sprintf("%s [%d](#n%d)", r.Verdict, n, n)
}

// sentence begins with a capital letter, but for the names of the peers.
func sentence(text string) string {
	if strings.HasPrefix(text, "scs") || strings.HasPrefix(text, "express-session") {
		return text + "."
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
