package io.github.hydragen.cli.bench;

/** How attention over a shared prefix is computed. */
enum Method {
  /** The prefix is stored once and shared. */
  HYDRAGEN("Hydragen"),
  /** The same engine without sharing: every sequence has its own copy of the prefix. */
  FLASH("FlashAttention");

  private final String title;

  Method(String title) {
    this.title = title;
  }

  /** The name for people. */
  String title() {
    return title;
  }
}
