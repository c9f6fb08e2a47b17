package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// table prints a table of Markdown. The first column is text, the others are numbers.
func table(head []string, rows [][]string) {
	printf("%s\n", "| "+strings.Join(head, " | ")+" |")
	printf("%s\n", "|---"+strings.Repeat("|---:", len(head)-1)+"|")
	for _, row := range rows {
		printf("%s\n", "| "+strings.Join(row, " | ")+" |")
	}
	printf("\n")
}

func micros(ns float64) string { return fmt.Sprintf("%.2f", ns/1000) }

func ratio(r float64) string {
	if r >= 10 {
		return fmt.Sprintf("%.1f", r)
	}
	return fmt.Sprintf("%.2f", r)
}

func printMachine() {
	printf("%s, %s/%s, %d cores of %s, %s.\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), time.Now().UTC().Format("2006-01-02"))
}

// processor is the name of the processor where the system tells it as Linux does.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "an unknown processor"
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, found := strings.CutPrefix(lines.Text(), "model name"); found {
			return strings.Trim(name, "\t :")
		}
	}
	return "an unknown processor"
}
