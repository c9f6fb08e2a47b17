package main

// targets are the ratios that sealjar is built to reach, with what was measured.
type targets []target

type target struct {
	what          string
	atLeast       bool // otherwise at most
	want          float64
	best, typical float64 // by the fastest rounds, and by the median of the rounds
}

// atMost notes a ratio that is to be at most want.
func (t *targets) atMost(want float64, what string, best, typical float64) {
	*t = append(*t, target{what: what, want: want, best: best, typical: typical})
}

// atLeast notes a ratio that is to be at least want.
func (t *targets) atLeast(want float64, what string, best, typical float64) {
	*t = append(*t, target{what: what, atLeast: true, want: want, best: best, typical: typical})
}

// print says of each whether it is met, by the fastest rounds: what disturbs a machine only ever adds.
func (t *targets) print() {
	printf("### Targets\n\n")
	var rows [][]string
	for _, g := range *t {
		relation, met := "≤", g.best <= g.want
		if g.atLeast {
			relation, met = "≥", g.best >= g.want
		}
		verdict := "yes"
		if !met {
			verdict = "**no**"
		}
		rows = append(rows, []string{g.what, relation + " " + ratio(g.want), ratio(g.best), ratio(g.typical), verdict})
	}
	table([]string{"340 B of data", "target", "fastest rounds", "median of rounds", "met"}, rows)
}
