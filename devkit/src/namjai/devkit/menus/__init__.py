"""Draws the rich menus' pictures with Pillow; what is drawn is committed, so that nothing else needs fonts."""

from namjai.devkit.menus.draw import draw, picture_of
from namjai.devkit.menus.fonts import FontMissing, Lettering, SystemFonts

__all__ = ["FontMissing", "Lettering", "SystemFonts", "draw", "picture_of"]
