"""Every key of the dashboard's frame, with a name to remap it by. The help is made from these.

Primary keys are such as every terminal delivers: letters, digits, arrows, enter, escape, space.
"""

from __future__ import annotations

from textual.binding import Binding, BindingType

TABLE: list[BindingType] = [
    Binding("j,down", "move(1)", "next line", id="table.down"),
    Binding("k,up", "move(-1)", "previous line", id="table.up"),
    Binding("g,home", "first", "first line", id="table.first"),
    Binding("G,end", "last", "last line", id="table.last"),
    Binding("pagedown", "page(1)", "page down", id="table.page_down"),
    Binding("pageup", "page(-1)", "page up", id="table.page_up"),
    Binding("ctrl+d", "page(0.5)", "half a page down", id="table.half_down"),
    Binding("ctrl+u", "page(-0.5)", "half a page up", id="table.half_up"),
]

OVERVIEW: list[BindingType] = [
    Binding("enter", "open", "open", id="overview.open"),
    Binding("slash", "filter", "filter", key_display="/", id="overview.filter"),
    Binding("exclamation_mark", "problems", "problems only", key_display="!", id="overview.problems"),
    Binding("s", "choose_sort", "sort by …", id="overview.sort"),
    Binding("S", "reverse", "reverse the order", id="overview.reverse"),
    Binding(
        "less_than_sign",
        "next_sort(-1)",
        "sort by the column before",
        key_display="<",
        id="overview.sort_before",
    ),
    Binding(
        "greater_than_sign",
        "next_sort(1)",
        "sort by the next column",
        key_display=">",
        id="overview.sort_next",
    ),
    Binding("full_stop", "apply_order", "apply the order now", key_display=".", id="overview.apply"),
    Binding("o", "group", "group by …", id="overview.group"),
    Binding("C", "app.push_screen('columns')", "choose the columns", id="overview.columns"),
    Binding("space", "mark", "mark, or fold a group", id="overview.mark"),
    Binding("r", "check", "check now", id="overview.check"),
    Binding("p,P", "pause", "pause, or resume", id="overview.pause"),
    Binding("a", "acknowledge", "acknowledge", id="overview.acknowledge"),
    Binding("e", "edit", "edit the config", id="overview.edit"),
    Binding("y", "copy", "copy name and address", id="overview.copy"),
    Binding("d", "aside", "detail beside the table, or not", id="overview.aside"),
    Binding("escape", "back", "drop marks, filter", id="overview.back"),
]

EVERYWHERE: list[BindingType] = [
    Binding("question_mark,f1", "help", "help", key_display="?", id="help"),
    Binding("colon,ctrl+p", "command_palette", "commands", key_display=":", id="palette"),
    Binding("1", "view('overview')", "overview", id="view.overview"),
    Binding("4", "view('log')", "log", id="view.log"),
    Binding("6", "view('config')", "config", id="view.config"),
    Binding("f,z", "freeze", "freeze the view", id="freeze"),
    Binding("ctrl+r", "reload", "reload the config", id="reload"),
    Binding("ctrl+l", "redraw", "draw the screen anew", id="redraw"),
    Binding("q", "quit", "quit", id="quit"),
    Binding("ctrl+c,ctrl+q", "quit", "quit", show=False, priority=True),
]
